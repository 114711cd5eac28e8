import CryoEM
import CryoIO
import Foundation
import TestSupport
import Testing

@Suite struct ReconstructTests {
    private func reconstruct(_ options: [String] = []) throws -> (TemporaryFolder, [String: Any]) {
        let set = try Fixture.set.get()
        let folder = try TemporaryFolder()
        let line = ["reconstruct", set + "/particles.star", "--output", "rec", "--threads", "1"] + options
        return (folder, try Program.json(line, in: folder.path))
    }

    private func correlation(_ a: [Float], _ b: [Float]) -> Double {
        func mean(_ v: [Float]) -> Double { v.reduce(0) { $0 + Double($1) } / Double(v.count) }
        let (ma, mb) = (mean(a), mean(b))
        let (x, y) = (a.map { Double($0) - ma }, b.map { Double($0) - mb })
        func sum(_ p: [Double], _ q: [Double]) -> Double { zip(p, q).reduce(0) { $0 + $1.0 * $1.1 } }
        return sum(x, y) / (sum(x, x) * sum(y, y)).squareRoot()
    }

    /// The factor by which `b` is nearest to `a`.
    private func scale(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).reduce(0.0) { $0 + Double($1.0 * $1.1) } / b.reduce(0.0) { $0 + Double($1 * $1) }
    }

    @Test func mapsFollowTheTrueConsensusInItsUnits() throws {
        let (folder, facts) = try reconstruct()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("rec")).sorted()
        #expect(names == ["fsc.csv", "halfmap1.mrc", "halfmap2.mrc", "map.mrc", "sharpened.mrc"])
        let truth = try DensityMap.read(Fixture.set.get() + "/consensus.mrc")
        let map = try DensityMap.read(folder.file("rec/map.mrc"))
        #expect(map.size == truth.size && abs(map.pixelSize - 8) < 1e-4)
        #expect(correlation(map.values, truth.values) > 0.9)
        #expect(abs(scale(map.values, truth.values) - 1) < 0.25)
        #expect(facts["particles"] as? Int == 40 && facts["halves"] as? [Int] == [20, 20])
        let rows = try String(contentsOfFile: folder.file("rec/fsc.csv"), encoding: .utf8).split(
            separator: "\n")
        #expect(rows.count == 10 && rows[0] == "frequency,resolution,fsc")
    }

    @Test func smallerBoxGivesTheSameDensityOnACoarserGrid() throws {
        let (folder, facts) = try reconstruct(["--box", "12"])
        #expect(facts["side"] as? Int == 12)
        let map = try DensityMap.read(folder.file("rec/map.mrc"))
        #expect(abs(map.pixelSize - 8 * 16 / 12) < 1e-4)
        let truth = try FourierResize.map(DensityMap.read(Fixture.set.get() + "/consensus.mrc"), to: 12)
        #expect(abs(scale(map.values, truth.values) - 1) < 0.25)
    }

    @Test func maskGivesTheCorrectedCurveAndInversionTurnsTheMap() throws {
        let set = try Fixture.set.get()
        let (folder, facts) = try reconstruct(["--mask", set + "/mask.mrc", "--invert"])
        let curve = try #require(facts["fsc"] as? [String: Any])
        #expect((curve["randomised"] as? [Double])?.count == 9 && curve["firstRandomShell"] is Int)
        let map = try DensityMap.read(folder.file("rec/map.mrc"))
        let truth = try DensityMap.read(set + "/consensus.mrc")
        #expect(correlation(map.values, truth.values) < -0.9)
    }

    @Test func givenBFactorSharpens() throws {
        let (plain, _) = try reconstruct()
        let (folder, facts) = try reconstruct(["--b-factor", "2000"])
        #expect(facts["bFactor"] as? Double == 2000)
        let strong = try DensityMap.read(folder.file("rec/sharpened.mrc"))
        let weak = try DensityMap.read(plain.file("rec/sharpened.mrc"))
        #expect((strong.values.max() ?? 0) > 1.05 * (weak.values.max() ?? 0))
    }

    @Test func maskIsTakenToASmallerBox() throws {
        let set = try Fixture.set.get()
        let (_, facts) = try reconstruct(["--mask", set + "/mask.mrc", "--box", "12"])
        #expect(((facts["fsc"] as? [String: Any])?["masked"] as? [Double])?.count == 7)
    }

    @Test(arguments: [
        BadInput("no such file", "reconstruct none.star --output rec", "none.star"),
        BadInput(
            "a box above the particles'", "reconstruct SET/particles.star --box 64 --output rec", "64",
            "up to 16"),
        BadInput("an odd box", "reconstruct SET/particles.star --box 9 --output rec", "9", "even"),
        BadInput(
            "a mask of another box", "reconstruct SET/particles.star --mask m.mrc --output rec", "m.mrc", "8",
            "16"),
        BadInput(
            "a mask that is none", "reconstruct SET/particles.star --mask n.mrc --output rec", "n.mrc",
            "0 to 1"),
        BadInput(
            "a B factor of nan", "reconstruct SET/particles.star --b-factor nan --output rec", "--b-factor"),
        BadInput("no threads", "reconstruct SET/particles.star --threads=-1 --output rec", "threads", "-1"),
        BadInput("stacks elsewhere", "reconstruct lost.star --output rec", "particles.mrcs"),
        BadInput(
            "a file where the folder goes", "reconstruct SET/particles.star --output m.mrc/rec", "m.mrc/rec"),
    ])
    func badInputIsNamedAndNothingIsWritten(_ bad: BadInput) throws {
        try bad.check { folder in
            var mask = Fixture.noise(side: 8)
            mask.values = mask.values.map { _ in 1 }
            try mask.write(to: folder.file("m.mrc"))
            try Fixture.noise(side: 16).write(to: folder.file("n.mrc"))
            try STARFile(path: Fixture.set.get() + "/particles.star").write(to: folder.file("lost.star"))
        }
    }

    @Test func dataFolderAndPrefixFindTheStack() throws {
        let set = try Fixture.set.get()
        let folder = try TemporaryFolder()
        let text = try String(contentsOfFile: set + "/particles.star", encoding: .utf8)
        try AtomicFile.write(
            text: text.replacingOccurrences(of: "@particles", with: "@Extract/job7/particles"),
            to: folder.file("p.star"))
        let line = [
            "reconstruct", "p.star", "--output", "rec", "--datadir", set, "--strip-prefix", "Extract/job7/",
        ]
        #expect(try Program.json(line, in: folder.path)["particles"] as? Int == 40)
    }
}
