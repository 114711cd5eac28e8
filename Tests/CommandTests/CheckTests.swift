import CryoIO
import Foundation
import TestSupport
import Testing

@Suite struct CheckTests {
    private func text(_ change: (String) -> String) throws -> (TemporaryFolder, String) {
        let set = try Fixture.set.get(), folder = try TemporaryFolder()
        let star = try String(contentsOfFile: set + "/particles.star", encoding: .utf8)
        let path = folder.file("p.star")
        try AtomicFile.write(
            text: change(star).replacingOccurrences(of: "@particles", with: "@\(set)/particles"), to: path)
        return (folder, path)
    }

    @Test func aSoundSetPassesWithSummaryAndPicture() throws {
        let set = try Fixture.set.get(), folder = try TemporaryFolder()
        let outcome = try Program.run(
            ["check", set + "/particles.star", "--mask", set + "/mask.mrc", "--plot", "views.png"],
            in: folder.path)
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output.contains("40 particles in 1 stack") && outcome.output.contains("0 errors"))
        #expect(outcome.output.contains("brighter"))
        let picture = try Data(contentsOf: URL(fileURLWithPath: folder.file("views.png")))
        #expect(picture.starts(with: [0x89, 0x50, 0x4e, 0x47]) && picture.count > 10_000)
    }

    @Test func faultsThatStopTrainingGiveStatus1AndOneLineEach() throws {
        let (folder, path) = try text {
            $0.replacingOccurrences(of: "000007@particles", with: "000700@particles")
        }
        let outcome = try Program.run(["check", path], in: folder.path)
        #expect(outcome.status == 1)
        let lines = outcome.output.split(separator: "\n").filter { $0.hasPrefix("error: ") }
        #expect(lines.count == 1 && lines[0].contains("row 7") && lines[0].contains("1 to 40"))
        let json = try Program.run(["check", path, "--json", "--sample", "10"], in: folder.path)
        #expect(json.status == 1)
        let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        let faults = try #require(object?["faults"] as? [[String: Any]])
        #expect(faults.contains { $0["row"] as? Int == 7 && $0["severity"] as? String == "error" })
        #expect(object?["errors"] as? Int == 1 && object?["particles"] as? Int == 40)
        #expect((object?["pixels"] as? [String: Any])?["images"] as? Int == 10)
    }

    @Test func warningsAloneKeepStatus0() throws {
        let (folder, path) = try text { $0 }
        let outcome = try Program.run(["check", path, "--invert"], in: folder.path)
        #expect(outcome.status == 0 && outcome.output.contains("darker than their background"))
    }

    @Test(arguments: [
        BadInput("no such file", "check none.star", "none.star"),
        BadInput("a negative sample", "check SET/particles.star --sample=-1", "--sample"),
        BadInput("no limit", "check SET/particles.star --limit 0", "--limit"),
        BadInput(
            "a picture of another kind", "check SET/particles.star --plot views.gif", "views.gif", ".png"),
    ])
    func badInputIsNamed(_ bad: BadInput) throws { try bad.check() }
}
