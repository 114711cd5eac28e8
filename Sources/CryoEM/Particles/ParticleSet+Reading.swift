import CryoIO
import Foundation

extension ParticleSet {
    /// Reads a RELION STAR file: one block (3.0) or an optics and a particle block (3.1 and later).
    ///
    /// - Throws: `DataError` with file and row for missing columns, values that are no finite numbers, optics
    ///   groups of different box or pixel size, missing or truncated stacks, images beyond the end of their
    ///   stack, odd or unequal boxes, and impossible pixel sizes. Doubtful values become `warnings`.
    public init(path: String, reading: ParticleReading = ParticleReading()) throws(DataError) {
        try self.init(star: try STARFile(path: path), file: path, reading: reading)
    }

    /// - Parameter file: path that the STAR file was read from; image paths may be relative to its folder.
    public init(star: STARFile, file: String, reading: ParticleReading = ParticleReading()) throws(DataError)
    {
        let particles = try Self.particleBlock(of: star, file: file)
        let optics = particles.name == "optics" ? nil : star[block: "optics"]
        let columns = try OpticsColumns(particles: particles, optics: optics, file: file)
        var notes: [String] = []
        self.file = file
        self.star = star
        blockName = particles.name
        opticsGroups = columns.groups

        let names = try ImageNames(try particles.required("rlnImageName", file: file), file: file)
        images = names.references
        pixelSize = try Self.pixelSize(columns, reading, &notes)
        angles = try Self.angles(particles, file: file)
        origins = try Self.origins(particles, file: file, pixelSize: pixelSize, &notes)
        ctf = try columns.transferFunctions(&notes)
        try columns.checkModel(&notes)
        randomSubset = try Self.halfSets(particles, file: file, &notes)
        groups =
            particles.contains("rlnGroupNumber") ? try particles.integers("rlnGroupNumber", file: file) : nil
        (micrographNames, micrographs) = Self.interned(particles["rlnMicrographName"])

        let opened = try OpenedStacks(names, file: file, reading: reading)
        stacks = opened.stacks
        box = opened.box
        try opened.check(columns: columns, pixelSize: pixelSize, &notes)
        warnings = notes
    }

    private static func particleBlock(of star: STARFile, file: String) throws(DataError) -> STARBlock {
        let found =
            star[block: "particles"] ?? star.blocks.first { $0.contains("rlnImageName") } ?? star.blocks.first
        guard let found, found.rowCount > 0 else {
            throw DataError(
                file: file, "the file lists no particles", wanted: "a table with _rlnImageName",
                remedy: "Give the STAR file of a refinement or extraction job")
        }
        return found
    }

    private static func pixelSize(
        _ columns: OpticsColumns, _ reading: ParticleReading, _ notes: inout [String]
    ) throws(DataError) -> Double {
        var label = "rlnImagePixelSize"
        var values: [Double]?
        if columns.contains(label) {
            values = try columns.doubles(label)
        } else if columns.contains("rlnDetectorPixelSize"), columns.contains("rlnMagnification") {
            label = "rlnDetectorPixelSize/rlnMagnification"
            let detector = try columns.doubles("rlnDetectorPixelSize")
            let magnification = try columns.doubles("rlnMagnification")
            values = zip(detector, magnification).map { $0 * 1e4 / $1 }
        } else if columns.contains("rlnPixelSize") {
            label = "rlnPixelSize"
            values = try columns.doubles(label)
        }
        if let given = reading.pixelSize {
            try check(pixelSize: given, file: columns.file, row: nil, "the pixel size given is impossible")
            if let wrong = values?.first(where: { abs($0 - given) > 0.02 * given }) {
                notes.append("the pixel size given, \(given) A, is used in place of the file's \(wrong) A")
            }
            return given
        }
        guard let values else {
            throw DataError(
                file: columns.file, "the file does not tell the pixel size",
                wanted: "_rlnImagePixelSize, or _rlnDetectorPixelSize and _rlnMagnification",
                remedy: "Give it with --pixel-size")
        }
        for (row, value) in values.enumerated() {
            try check(
                pixelSize: value, file: columns.file, row: row + 1,
                "the pixel size of _\(label) is impossible")
        }
        return try columns.common("pixel sizes", values, unit: "A", tolerance: 1e-4)
    }

    private static func check(
        pixelSize: Double, file: String, row: Int?, _ problem: String
    ) throws(DataError) {
        guard pixelSize > 0, pixelSize <= 50 else {
            throw DataError(
                file: file, at: row.map { .row($0) }, problem, found: "\(pixelSize) A",
                wanted: "above 0 and at most 50 A",
                remedy: "Correct it, or give it with --pixel-size")
        }
    }

    private static func angles(_ block: STARBlock, file: String) throws(DataError) -> [EulerAngles] {
        let rot = try block.doubles("rlnAngleRot", file: file)
        let tilt = try block.doubles("rlnAngleTilt", file: file)
        let psi = try block.doubles("rlnAnglePsi", file: file)
        return rot.indices.map { EulerAngles(rot: rot[$0], tilt: tilt[$0], psi: psi[$0]) }
    }

    private static func origins(
        _ block: STARBlock, file: String, pixelSize: Double, _ notes: inout [String]
    ) throws(DataError) -> [SIMD2<Double>] {
        for (suffix, scale) in [("Angst", 1.0), ("", pixelSize)] {
            let (x, y) = ("rlnOriginX" + suffix, "rlnOriginY" + suffix)
            guard block.contains(x) || block.contains(y) else { continue }
            return zip(try block.doubles(x, file: file), try block.doubles(y, file: file)).map {
                SIMD2($0, $1) * scale
            }
        }
        notes.append("there are no origins (_rlnOriginXAngst, _rlnOriginX): particles are taken as centred")
        return Array(repeating: .zero, count: block.rowCount)
    }

    private static func halfSets(
        _ block: STARBlock, file: String, _ notes: inout [String]
    ) throws(DataError) -> [Int]? {
        guard block.contains("rlnRandomSubset") else { return nil }
        let values = try block.integers("rlnRandomSubset", file: file)
        guard values.allSatisfy({ $0 == 1 || $0 == 2 }), values.contains(1), values.contains(2) else {
            notes.append("_rlnRandomSubset does not name two half sets: it is not used")
            return nil
        }
        return values
    }

    private static func interned(_ column: STARColumn?) -> (names: [String], indices: [Int]?) {
        guard let column else { return ([], nil) }
        var names: [String] = [], places: [ArraySlice<UInt8>: Int] = [:], indices: [Int] = []
        indices.reserveCapacity(column.count)
        for row in 0..<column.count {
            let bytes = column.original(row)
            let place = places[bytes] ?? names.count
            if place == names.count {
                places[bytes] = place
                names.append(column[row])
            }
            indices.append(place)
        }
        return (names, indices)
    }
}
