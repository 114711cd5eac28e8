import CryoIO

/// What a particle file says of its rows, in RELION's units and conventions, before any stack is opened.
struct ParticleRows {
    /// The file, named in errors.
    let file: String
    var names: ImageNames
    var angles: [EulerAngles]
    /// Angstrom.
    var origins: [SIMD2<Double>]
    var ctf: [CTFParameters]
    /// Angstrom per pixel of each row's image.
    var pixelSizes: [Double]
    /// Box that the file states for each row's image, and where; nil where it does not.
    var boxes: (label: String, values: [Int])?
    /// 1 or -1, which each image is multiplied by so that particles are bright; nil where all are 1.
    var signs: [Float]?
    var opticsGroups: [Int]
    var randomSubset: [Int]?
    var groups: [Int]?
    var micrographs: [Int]?
    var micrographNames: [String] = []
    var classes: ParticleClasses?
    var uids: [UInt64]?
    var warnings: [String] = []

    var count: Int { names.references.count }

    /// Pixel sizes as the reading wants them, checked.
    /// - Parameters:
    ///   - stated: what the file says, and the name of the column that says so.
    ///   - missing: what would tell the pixel size, for the error where nothing does.
    static func pixelSizes(
        _ stated: (label: String, values: [Double])?, count: Int, file: String, reading: ParticleReading,
        missing: String, _ notes: inout [String]
    ) throws(DataError) -> [Double] {
        if let given = reading.pixelSize {
            try check(pixelSize: given, file: file, row: nil, "the pixel size given is impossible")
            if let wrong = stated?.values.first(where: { abs($0 - given) > 0.02 * given }) {
                notes.append("the pixel size given, \(given) A, is used in place of the file's \(wrong) A")
            }
            return Array(repeating: given, count: count)
        }
        guard let stated else {
            throw DataError(
                file: file, "the file does not tell the pixel size", wanted: missing,
                remedy: "Give it with --pixel-size")
        }
        for (row, value) in stated.values.enumerated() {
            try check(
                pixelSize: value, file: file, row: row + 1,
                "the pixel size of \(stated.label) is impossible")
        }
        return stated.values
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
}
