import CryoIO
import Foundation
import TestSupport

@testable import CryoEM

/// Small particle sets on disk. Image k of a stack is noise of its own with deviation 1.
struct ParticleFixture {
    let folder: TemporaryFolder
    var box = 8
    var pixelSize = 2.0
    var seed: UInt64 = 1

    init() throws { folder = try TemporaryFolder() }

    static let columns = [
        "rlnImageName", "rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "rlnOriginXAngst", "rlnOriginYAngst",
        "rlnDefocusU", "rlnDefocusV", "rlnDefocusAngle", "rlnRandomSubset", "rlnOpticsGroup",
        "rlnMicrographName",
        "rlnLabNote",
    ]

    /// Values of row `k` (from 0) in the order of `columns`.
    func row(_ k: Int, image: String? = nil) -> [String] {
        [
            image ?? String(format: "%06d@particles.mrcs", k + 1), "\(10 * k).500", "\(20 + k)", "-30.0",
            "\(1.5 * Double(k))", "-2.0", "\(15000 + 100 * k)", "14000", "35", "\(1 + k % 2)", "1",
            "mic_\(k / 2).mrc",
            "keep_\(k)",
        ]
    }

    func table(_ name: String, _ columns: [String], _ rows: [[String]]) -> String {
        let labels = columns.enumerated().map { "_\($1) #\($0 + 1)" }.joined(separator: "\n")
        return "\ndata_\(name)\n\nloop_\n\(labels)\n"
            + rows.map { $0.joined(separator: " ") }.joined(separator: "\n") + "\n"
    }

    /// An optics table of one group.
    func optics(_ groups: [[String]]? = nil) -> String {
        table(
            "optics",
            [
                "rlnOpticsGroup", "rlnOpticsGroupName", "rlnVoltage", "rlnSphericalAberration",
                "rlnAmplitudeContrast",
                "rlnImagePixelSize", "rlnImageSize",
            ],
            groups ?? [["1", "opticsGroup1", "300", "2.7", "0.1", "\(pixelSize)", "\(box)"]])
    }

    /// A RELION 3.1 file; `change` may edit columns and rows.
    func star31(
        _ count: Int, optics groups: [[String]]? = nil,
        change: (inout [String], inout [[String]]) -> Void = { _, _ in }
    )
        -> String
    {
        var columns = Self.columns, rows = (0..<count).map { row($0) }
        change(&columns, &rows)
        return "# version 30001\n" + optics(groups) + "\n# version 30001\n"
            + table("particles", columns, rows)
    }

    @discardableResult
    func stack(
        _ name: String, _ count: Int, box: Int? = nil, change: (Int, inout [Float]) -> Void = { _, _ in }
    ) throws
        -> String
    {
        let side = box ?? self.box
        var random = SeededGenerator(seed: seed)
        let path = folder.file(name)
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        let writer = try MRCStackWriter(path: path, width: side, height: side, pixelSize: pixelSize)
        for k in 0..<count {
            var image = random.normals(side * side)
            change(k, &image)
            try writer.append(image)
        }
        try writer.finish()
        return path
    }

    /// A whole set of `count` particles.
    func set(_ count: Int) throws -> ParticleSet {
        try stack("particles.mrcs", count)
        return try ParticleSet(path: folder.write(star31(count), "particles.star"))
    }
}
