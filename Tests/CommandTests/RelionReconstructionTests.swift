import CryoEM
import CryoIO
import Foundation
import TestSupport
import Testing

/// Our reconstructions beside those of RELION's programs, from images that relion_project made.
@Suite struct RelionReconstructionTests {
    private static let project = Referee.program("relion_project")
    private static let reconstruct = Referee.program("relion_reconstruct")
    private static let postprocess = Referee.program("relion_postprocess")
    private static let isPresent = [project, reconstruct, postprocess].allSatisfy(\.isPresent)
    private static let absence = Comment(rawValue: project.absence)

    /// 400 projections of a molecule that has the symmetry, 48 pixels of 4 A: `projected.star`.
    private func projections(_ symmetry: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try molecule(PointGroup(symmetry), to: folder.file("molecule.pdb"))
        let made = try Program.run(
            [
                "simulate", "--structure", "molecule.pdb", "--count", "400", "--box", "48", "--pixel-size",
                "4",
                "--resolution", "9", "--snr", "none", "--output", "set",
            ], in: folder.path)
        #expect(made.status == 0, "\(made.error)")
        let outcome = try Self.project.run(
            [
                "--i", "set/consensus.mrc", "--ang", "set/particles.star", "--ctf", "--angpix", "4", "--o",
                "projected",
            ], in: folder.path)
        #expect(outcome.status == 0, "\(outcome.output)")
        return folder
    }

    /// A cluster of carbon atoms off the axes, once for each rotation of the group.
    private func molecule(_ group: PointGroup, to path: String) throws {
        var random = SeededGenerator(seed: 3)
        let part = (0..<max(6, 60 / group.order)).map { _ in
            SIMD3(25 + 7 * random.normal(), 8 + 9 * random.normal(), 14 + 7 * random.normal())
        }
        let places = group.rotations.flatMap { turn in part.map { turn * $0 } }
        let lines = places.enumerated().map { index, place in
            "ATOM  " + String(format: "%5d", index + 1) + "  CA  ALA A"
                + String(format: "%4d    %8.3f%8.3f%8.3f", index + 1, place.x, place.y, place.z)
                + "  1.00  0.00           C"
        }
        try AtomicFile.write(text: lines.joined(separator: "\n") + "\nEND\n", to: path)
    }

    @Test(.enabled(if: isPresent, absence), arguments: ["C1", "C3", "D2", "O", "I3"])
    func mapsEqualRELIONs(_ symmetry: String) throws {
        let folder = try projections(symmetry)
        let line = "reconstruct projected.star --sym \(symmetry) --threads 2 --output ours"
        let ours = try Program.run(line.split(separator: " ").map(String.init), in: folder.path)
        #expect(ours.status == 0, "\(ours.error)")
        let theirs = try Self.reconstruct.run(
            ["--i", "projected.star", "--ctf", "--sym", symmetry, "--o", "theirs.mrc"], in: folder.path)
        #expect(theirs.status == 0, "\(theirs.output)")
        let map = try DensityMap.read(folder.file("ours/map.mrc"))
        let relion = try DensityMap.read(folder.file("theirs.mrc"))
        let truth = try DensityMap.read(folder.file("set/consensus.mrc"))
        let curve = try FSC(map, relion), last = Int(0.9 * Double(curve.side / 2))
        #expect(curve.values[1...last].allSatisfy { $0 > 0.99 }, "\(symmetry): \(curve.values)")
        // What is left is RELION's iterated gridding weights, which bring its map no nearer to the truth.
        let (mine, relions) = (try FSC(map, truth), try FSC(relion, truth))
        for shell in 1...last {
            #expect(mine.values[shell] > relions.values[shell] - 0.002, "\(symmetry), shell \(shell)")
        }
    }

    /// Half maps of blobs whose amplitudes fall off, with noise that grows towards Nyquist.
    private func writeHalves(_ folder: TemporaryFolder, side: Int) throws {
        var random = SeededGenerator(seed: 11)
        var sharp = [Float](repeating: 0, count: side * side * side)
        for _ in 0..<120 {
            let place = (0..<3).map { _ in side / 2 + Int(random.next() % 17) - 8 }
            sharp[(place[2] * side + place[1]) * side + place[0]] += 100
        }
        let map = DensityMap(cube: sharp, side: side, pixelSize: 1.5)
        let fallen = try RadialFilter.apply(map) { exp(-80 * $0 * $0 / 4) }
        for name in ["half1", "half2"] {
            var half = fallen
            let noise = random.normals(half.values.count)
            half.values = zip(half.values, noise).map { $0 + 0.25 * $1 }
            try half.write(to: folder.file(name + "_unfil.mrc"))
        }
        try SolventMask(sphere: 21, side: side, pixelSize: 1.5, edge: 6).map.write(
            to: folder.file("mask.mrc"))
    }

    @Test(.enabled(if: isPresent, absence))
    func maskedCurveResolutionAndBFactorAreThoseOfPostprocess() throws {
        let folder = try TemporaryFolder()
        try writeHalves(folder, side: 64)
        // The plots that it makes last need a program that may be missing and a folder of that name.
        try FileManager.default.createDirectory(
            atPath: folder.file("post"), withIntermediateDirectories: true)
        let theirs = try Self.postprocess.run(
            [
                "--i", "half1_unfil.mrc", "--i2", "half2_unfil.mrc", "--mask", "mask.mrc", "--angpix", "1.5",
                "--auto_bfac", "--autob_lowres", "10", "--o", "post",
            ], in: folder.path)
        #expect(FileManager.default.fileExists(atPath: folder.file("post.star")), "\(theirs.output)")
        let line = "fsc half1_unfil.mrc half2_unfil.mrc --mask mask.mrc --sharpened sharp.mrc --json"
        let ours = try Program.run(line.split(separator: " ").map(String.init), in: folder.path)
        #expect(ours.status == 0, "\(ours.error)")
        let facts = try #require(
            try JSONSerialization.jsonObject(with: Data(ours.output.utf8)) as? [String: Any])

        let star = try STARFile(path: folder.file("post.star"))
        let general = try #require(star[block: "general"]), table = try #require(star[block: "fsc"])
        for (key, label, tolerance) in [
            ("unmasked", "rlnFourierShellCorrelationUnmaskedMaps", 0.002),
            ("masked", "rlnFourierShellCorrelationMaskedMaps", 0.01),
            ("fsc", "rlnFourierShellCorrelationCorrected", 0.12),
        ] {
            let mine = try #require(facts[key] as? [Double]), relion = try table.doubles(label)
            for (shell, pair) in zip(mine, relion).enumerated() where (1...28).contains(shell) {
                #expect(abs(pair.0 - pair.1) < tolerance, "\(key), shell \(shell): \(pair)")
            }
        }
        let resolution = try #require(facts["resolution0143"] as? Double)
        let theirResolution = try general.doubles("rlnFinalResolution")[0]
        #expect(abs(resolution / theirResolution - 1) < 0.06, "\(resolution) and \(theirResolution)")
        let bFactor = -(try general.doubles("rlnBfactorUsedForSharpening")[0])
        let word = try #require(ours.error.split(separator: "B factor ").last?.split(separator: " ").first)
        let mine = try #require(Double(word))
        #expect(abs(mine - bFactor) < 0.1 * bFactor + 4, "\(mine) and \(bFactor)")
        let curve = try FSC(
            DensityMap.read(folder.file("sharp.mrc")), DensityMap.read(folder.file("post.mrc")))
        #expect(curve.values[1...12].allSatisfy { $0 > 0.99 }, "\(curve.values)")
    }
}
