import CryoIO
import Foundation
import TestSupport
import Testing

@Suite struct FSCCommandTests {
    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let a = Fixture.noise(side: 16)
        let other = Fixture.noise(side: 16, seed: 2)
        try a.write(to: folder.file("a.mrc"))
        try other.write(to: folder.file("other.mrc"))
        var mixed = a
        for i in mixed.values.indices { mixed.values[i] += other.values[i] }
        try mixed.write(to: folder.file("mixed.mrc"))
        var mask = a
        mask.values = mask.values.indices.map { $0 / 256 >= 4 && $0 / 256 < 12 ? 1 : 0 }
        try mask.write(to: folder.file("mask.mrc"))
        try Fixture.noise(side: 12).write(to: folder.file("small.mrc"))
        try Fixture.noise(side: 16, pixelSize: 5).write(to: folder.file("fine.mrc"))
        return folder
    }

    @Test func equalMapsReachNyquistWithFullArea() throws {
        let folder = try folder()
        let facts = try Program.json(words("fsc a.mrc a.mrc"), in: folder.path)
        #expect(abs((facts["area"] as? Double ?? 0) - 1) < 1e-5)
        #expect(abs((facts["resolution0143"] as? Double ?? 0) - 16) < 1e-6)
        #expect((facts["fsc"] as? [Double])?.count == 9 && facts["masked"] == nil)
    }

    @Test func noiseOfEqualPowerHalvesTheSquareOfTheCurve() throws {
        let folder = try folder()
        let facts = try Program.json(words("fsc a.mrc mixed.mrc"), in: folder.path)
        #expect(abs((facts["area"] as? Double ?? 0) - 0.5.squareRoot()) < 0.08)
        let noise = try Program.json(words("fsc a.mrc other.mrc"), in: folder.path)
        #expect(abs(noise["area"] as? Double ?? 1) < 0.2)
    }

    @Test func maskGivesAllCurvesInTheTableAndTheFile() throws {
        let folder = try folder()
        let outcome = try Program.run(
            words("fsc a.mrc mixed.mrc --mask mask.mrc --output c.csv"), in: folder.path)
        #expect(outcome.status == 0)
        let rows = try String(contentsOfFile: folder.file("c.csv"), encoding: .utf8).split(separator: "\n")
        #expect(rows.count == 10 && rows[0] == "frequency,resolution,fsc,unmasked,masked,randomised")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 11 && lines[10].hasPrefix("resolution ") && lines[10].contains("area"))
        #expect(lines[0].split(separator: " ").count == 6)
    }

    @Test(arguments: [
        BadInput("no such map", "fsc a.mrc none.mrc", "none.mrc"),
        BadInput("another box", "fsc a.mrc small.mrc", "small.mrc", "12", "16"),
        BadInput("another pixel size", "fsc a.mrc fine.mrc", "fine.mrc", "5.0", "8.0"),
        BadInput("no such mask", "fsc a.mrc a.mrc --mask none.mrc", "none.mrc"),
        BadInput("a mask that is none", "fsc a.mrc a.mrc --mask other.mrc", "other.mrc", "0 to 1"),
        BadInput("a mask of another box", "fsc a.mrc a.mrc --mask small.mrc", "small.mrc"),
        BadInput("no such folder", "fsc a.mrc a.mrc --output none/c.csv", "none/c.csv"),
    ])
    func badInputIsNamedAndNothingIsWritten(_ bad: BadInput) throws {
        let maps = try folder()
        try bad.check { target in
            for name in try maps.contents() {
                try FileManager.default.copyItem(atPath: maps.file(name), toPath: target.file(name))
            }
        }
    }
}
