import CryoIO
import Foundation

extension ParticleRows {
    /// The images of a stack (.mrcs, .mrc) or of a list of stacks (.txt), with cryoDRGN's pickles.
    ///
    /// cryoDRGN's rotation is RELION's matrix, its translation RELION's origin as a fraction of the box. The
    /// CTF table has the box and pixel size of the particles it was made for; images of another box are taken
    /// as scaled from those.
    /// - Returns: also the rows that were taken, from 0 in the order of the stacks.
    static func cryoDRGN(
        file: String, reading: ParticleReading
    ) throws(DataError) -> (rows: ParticleRows, taken: [Int]) {
        let paths = try stackNames(file)
        let lookUp = StackPaths(file: file, reading: reading)
        var references: [ImageReference] = [], boxes: [Int] = []
        for (place, name) in paths.enumerated() {
            let stack = try MRCStack(path: try lookUp.resolve(name, file: file, row: place + 1).path)
            references += (0..<stack.count).map { ImageReference(stack: place, index: $0) }
            boxes.append(stack.width)
        }
        let tables = try CryoDRGNTables(images: references.count, file: file, reading: reading)
        let images = tables.rows.map { references[$0] }
        guard !images.isEmpty else {
            throw DataError(file: file, "no images are taken", wanted: "one row or more")
        }
        var notes: [String] = []
        let stated = images.indices.map { row in
            tables.ctf[9 * row] * tables.ctf[9 * row + 1] / Double(boxes[Int(images[row].stack)])
        }
        let sizes = try pixelSizes(
            ("the CTF table", stated), count: images.count, file: file, reading: reading, missing: "", &notes)
        if tables.translations == nil {
            notes.append("the poses have no translations: particles are taken as centred")
        }
        let origins = images.indices.map { row in
            (tables.translations?[row] ?? .zero) * (sizes[row] * Double(boxes[Int(images[row].stack)]))
        }
        let ctf = images.indices.map { row in
            let v = tables.ctf[9 * row..<9 * row + 9]
            let first = v.startIndex
            return CTFParameters(
                defocusU: v[first + 2], defocusV: v[first + 3], defocusAngle: v[first + 4],
                voltage: v[first + 5], sphericalAberration: v[first + 6], amplitudeContrast: v[first + 7],
                phaseShift: v[first + 8])
        }
        let check = CTFCheck(
            file: reading.ctf ?? file, defocus: "defocus U", voltage: "the voltage",
            sphericalAberration: "the spherical aberration", amplitudeContrast: "the amplitude contrast")
        try check(ctf, &notes)
        let rows = ParticleRows(
            file: file, names: ImageNames(paths: paths, references: images),
            angles: tables.rotations.map(EulerAngles.init), origins: origins, ctf: ctf, pixelSizes: sizes,
            opticsGroups: Array(repeating: 1, count: images.count), warnings: notes)
        return (rows, tables.rows)
    }

    /// The stack itself, or those that a text file lists, one a line.
    private static func stackNames(_ file: String) throws(DataError) -> [String] {
        guard file.lowercased().hasSuffix(".txt") else { return [StackPaths.absolute(file)] }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw DataError(file: file, "the list of stacks cannot be read", remedy: "Check the path")
        }
        let names = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        guard !names.isEmpty else {
            throw DataError(file: file, "the list names no stacks", wanted: "the path of a stack a line")
        }
        return names
    }
}
