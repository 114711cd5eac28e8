import CryoIO
import Foundation
import TestSupport

@testable import CryoEM

/// A cryoSPARC project on disk: the stacks that the golden tables name, below `P1`, and a job folder.
struct CryoSPARCFixture {
    let folder: TemporaryFolder
    let job: String

    init() throws {
        var fixture = try ParticleFixture()
        fixture.pixelSize = 1.5
        try fixture.stack("P1/J3/extract/a.mrc", 4)
        fixture.seed = 2
        try fixture.stack("P1/J3/extract/b.mrc", 2)
        folder = fixture.folder
        job = folder.file("P1/J24")
        try FileManager.default.createDirectory(atPath: job, withIntermediateDirectories: true)
    }

    /// Copies a golden table into the job's folder.
    func table(_ name: String) throws -> String {
        let path = "\(job)/\(name)"
        try FileManager.default.copyItem(atPath: Golden.url("cryosparc_\(name)").path, toPath: path)
        return path
    }

    func set(_ name: String, passthrough: [String] = []) throws -> ParticleSet {
        try ParticleSet(
            path: table(name), reading: ParticleReading(passthrough: try passthrough.map(table)))
    }
}

/// What cryoDRGN read from the tables.
struct CryoSPARCGolden: Decodable {
    struct Table: Decodable {
        var rows: [Int]
        /// Nine values each, RELION's matrix.
        var rotations: [[Double]]
        /// Pixels.
        var shifts: [[Double]]
        /// Box, pixel size, defocus U, V, angle, voltage, Cs, amplitude contrast, phase shift.
        var ctf: [[Double]]
    }
    struct Heterogeneous: Decodable {
        var probabilities: [[Double]]
        var poses: [[[Double]]]
        var shifts: [[[Double]]]?
    }
    var refinement: Table
    var heterogeneous: Heterogeneous
    var abinitio: Heterogeneous
    var P12_J24: Table

    static func load() throws -> CryoSPARCGolden { try Golden.load("cryosparc.json") }
}
