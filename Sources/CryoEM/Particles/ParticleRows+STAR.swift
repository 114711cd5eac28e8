import CryoIO

extension ParticleRows {
    /// The particles of a STAR file: one block (RELION 3.0) or an optics and a particle block (3.1 and
    /// later).
    /// - Throws: `DataError` with file and row for missing columns and values that cannot be meant.
    init(star: STARFile, block particles: STARBlock, file: String, reading: ParticleReading) throws(DataError)
    {
        let optics = particles.name == "optics" ? nil : star[block: "optics"]
        let columns = try OpticsColumns(particles: particles, optics: optics, file: file)
        var notes: [String] = []
        self.file = file
        opticsGroups = columns.groups
        names = try ImageNames(try particles.required("rlnImageName", file: file), file: file)
        pixelSizes = try Self.pixelSizes(
            try columns.statedPixelSizes(), count: particles.rowCount, file: file, reading: reading,
            missing: "_rlnImagePixelSize, or _rlnDetectorPixelSize and _rlnMagnification", &notes)
        angles = try Self.angles(particles, file: file)
        origins = try Self.origins(particles, file: file, pixelSizes: pixelSizes, &notes)
        ctf = try columns.transferFunctions()
        let check = CTFCheck(
            file: file, defocus: "_rlnDefocusU", voltage: "_rlnVoltage",
            sphericalAberration: "_rlnSphericalAberration", amplitudeContrast: "_rlnAmplitudeContrast")
        try check(ctf, &notes)
        try columns.checkModel(&notes)
        boxes =
            columns.contains("rlnImageSize")
            ? ("_rlnImageSize", try columns.integers("rlnImageSize")) : nil
        randomSubset = try Self.halfSets(particles, file: file, &notes)
        groups =
            particles.contains("rlnGroupNumber") ? try particles.integers("rlnGroupNumber", file: file) : nil
        (micrographNames, micrographs) = Self.interned(particles["rlnMicrographName"])
        warnings = notes
    }

    /// The block that holds the particles.
    static func particleBlock(of star: STARFile, file: String) throws(DataError) -> STARBlock {
        let found =
            star[block: "particles"] ?? star.blocks.first { $0.contains("rlnImageName") } ?? star.blocks.first
        guard let found, found.rowCount > 0 else {
            throw DataError(
                file: file, "the file lists no particles", wanted: "a table with _rlnImageName",
                remedy: "Give the STAR file of a refinement or extraction job")
        }
        return found
    }

    private static func angles(_ block: STARBlock, file: String) throws(DataError) -> [EulerAngles] {
        let rot = try block.doubles("rlnAngleRot", file: file)
        let tilt = try block.doubles("rlnAngleTilt", file: file)
        let psi = try block.doubles("rlnAnglePsi", file: file)
        return rot.indices.map { EulerAngles(rot: rot[$0], tilt: tilt[$0], psi: psi[$0]) }
    }

    private static func origins(
        _ block: STARBlock, file: String, pixelSizes: [Double], _ notes: inout [String]
    ) throws(DataError) -> [SIMD2<Double>] {
        for suffix in ["Angst", ""] {
            let (x, y) = ("rlnOriginX" + suffix, "rlnOriginY" + suffix)
            guard block.contains(x) || block.contains(y) else { continue }
            let (xs, ys) = (try block.doubles(x, file: file), try block.doubles(y, file: file))
            return xs.indices.map { SIMD2(xs[$0], ys[$0]) * (suffix.isEmpty ? pixelSizes[$0] : 1) }
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

    static func interned(_ column: STARColumn?) -> (names: [String], indices: [Int]?) {
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
