import CryoIO

/// What a particle file says, read to the end in spite of faults: what is missing or wrong is NaN.
struct CheckedRows: Sendable {
    let file: String
    /// References to stack -1 stand for names that cannot be read.
    var names: ImageNames
    /// rot, tilt, psi in degrees.
    var angles: [SIMD3<Double>]
    /// Angstrom.
    var origins: [SIMD2<Double>]
    /// Angstrom per pixel.
    var pixelSizes: [Double]
    /// Box that the file states, and the name of the column that does.
    var boxes: (label: String, values: [Double])?
    /// 1 or -1, which images are multiplied by.
    var signs: [Float]?
    var opticsGroups: [Int]
    /// Place on a micrograph: index of its name, x and y in pixels.
    var places: (micrographs: [Int], x: [Double], y: [Double])?
    var uids: [UInt64]?

    var count: Int { names.references.count }

    /// A set that its reader found no fault with.
    init(_ rows: ParticleRows) {
        file = rows.file
        names = rows.names
        angles = rows.angles.map { SIMD3($0.rot, $0.tilt, $0.psi) }
        origins = rows.origins
        pixelSizes = rows.pixelSizes
        boxes = rows.boxes.map { ($0.label, $0.values.map(Double.init)) }
        signs = rows.signs
        opticsGroups = rows.opticsGroups
        uids = rows.uids
    }

    init(
        file: String, names: ImageNames, angles: [SIMD3<Double>], origins: [SIMD2<Double>],
        pixelSizes: [Double], opticsGroups: [Int]
    ) {
        (self.file, self.names, self.angles, self.origins) = (file, names, angles, origins)
        (self.pixelSizes, self.opticsGroups) = (pixelSizes, opticsGroups)
    }
}
