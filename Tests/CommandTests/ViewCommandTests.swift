import Foundation
import TestSupport
import Testing

@testable import dsd

@Suite struct ViewCommandTests {
    /// The first line that the program prints.
    private func firstLine(of output: Pipe) -> String {
        var text = ""
        while !text.contains("\n") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { break }
            text += String(decoding: more, as: UTF8.self)
        }
        return text.split(separator: "\n").first.map(String.init) ?? ""
    }

    @Test func printsTheLinkAndServesUntilItIsStopped() throws {
        let run = try AnalyzeFixture.shared.get()
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = ["view", run.folder.path, "--no-open", "--threads", "1"]
        process.standardOutput = output
        try process.run()
        defer { kill(process.processIdentifier, SIGKILL) }
        let line = firstLine(of: output)
        let link = try #require(
            line.range(
                of: "http://127\\.0\\.0\\.1:[0-9]+/\\?token=[0-9a-f]{32}$", options: .regularExpression))
        let port = try #require(URLComponents(string: String(line[link]))?.port)
        #expect(process.isRunning)
        // A second viewer cannot take the same port, and says so.
        let second = try Program.run(
            ["view", run.folder.path, "--no-open", "--port", "\(port)"], in: run.temporary.path)
        #expect(second.status == 1 && second.output == "")
        #expect(
            second.messages == [
                "dsd view: port \(port) of this machine cannot be used. Give another --port, or leave it out."
            ])
        process.terminate()
        let patience = Date().addingTimeInterval(10)
        while process.isRunning, Date() < patience { usleep(20_000) }
        #expect(!process.isRunning)
    }

    @Test func aFolderThatIsNoRunIsRefused() throws {
        let folder = try TemporaryFolder()
        let outcome = try Program.run(["view", "nothing", "--no-open"], in: folder.path)
        #expect(outcome.status == 1 && outcome.error.contains("nothing/config.yaml: it cannot be read"))
        #expect(try Program.run(["view", "run", "--port", "70000"], in: folder.path).status == 64)
    }
}
