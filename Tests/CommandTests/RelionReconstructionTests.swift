import CryoEM
import CryoIO
import Foundation
import TestSupport
import Testing

/// Our reconstructions beside those of RELION's programs, from images that relion_project made.
@Suite struct RelionReconstructionTests {
    private static let needed = ["relion_project", "relion_reconstruct", "relion_postprocess"]
    private static let isPresent = needed.allSatisfy(ProgramReferee.isPresent)
    private static let absence = Comment(rawValue: ProgramReferee.absence("RELION"))

    /// 400 projections of the molecule of the simulated set, 32 pixels of 6 A.
    private static let projections = Result { () throws -> TemporaryFolder in
        let folder = try TemporaryFolder()
        try Fixture.pdb(to: folder.file("molecule.pdb"))
        let made = try Program.run(
            [
                "simulate", "--structure", "molecule.pdb", "--count", "400", "--box", "32", "--pixel-size", "6",
                "--resolution", "13", "--snr", "none", "--output", "set",
            ], in: folder.path)
        #expect(made.status == 0, "\(made.error)")
        let outcome = try ProgramReferee.run(
            "relion_project",
            [
                "--i", "set/consensus.mrc", "--ang", "set/particles.star", "--ctf", "--angpix", "6", "--o",
                "projected",
            ], in: folder.path)
        #expect(outcome.status == 0, "\(outcome.output)")
        return folder
    }

    @Test(.enabled(if: isPresent, absence), arguments: ["C1", "C3", "D2", "O", "I3"])
    func mapsEqualRELIONs(_ symmetry: String) throws {
        let folder = try Self.projections.get()
        let line = "reconstruct projected.star --sym \(symmetry) --threads 2 --output ours-\(symmetry)"
        let ours = try Program.run(line.split(separator: " ").map(String.init), in: folder.path)
        #expect(ours.status == 0, "\(ours.error)")
        let theirs = try ProgramReferee.run(
            "relion_reconstruct",
            ["--i", "projected.star", "--ctf", "--sym", symmetry, "--o", "theirs-\(symmetry).mrc"],
            in: folder.path)
        #expect(theirs.status == 0, "\(theirs.output)")
        let curve = try FSC(
            DensityMap.read(folder.file("ours-\(symmetry)/map.mrc")),
            DensityMap.read(folder.file("theirs-\(symmetry).mrc")))
        let last = Int(0.9 * Double(curve.side / 2))
        // The molecule has no symmetry; near Nyquist the two interpolations of so few samples differ.
        let wanted = symmetry == "C1" ? 0.99 : 0.97
        #expect(curve.values[1...last].allSatisfy { $0 > wanted }, "\(symmetry): \(curve.values)")
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
        try SolventMask(sphere: 21, side: side, pixelSize: 1.5, edge: 6).map.write(to: folder.file("mask.mrc"))
    }

    @Test(.enabled(if: isPresent, absence))
    func maskedCurveResolutionAndBFactorAreThoseOfPostprocess() throws {
        let folder = try TemporaryFolder()
        try writeHalves(folder, side: 64)
        // The plots that it makes last need a program that may be missing and a folder of that name.
        try FileManager.default.createDirectory(
            atPath: folder.file("post"), withIntermediateDirectories: true)
        let theirs = try ProgramReferee.run(
            "relion_postprocess",
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
