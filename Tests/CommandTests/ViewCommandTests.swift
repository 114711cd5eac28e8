import Foundation
import TestSupport
import Testing

@testable import dsd

@Suite struct ViewCommandTests {
    @Test func printsTheLinkAndServesUntilItIsStopped() throws {
        let run = try AnalyzeFixture.shared.get()
        let viewing = try Viewing([run.folder.path, "--threads", "1"], in: run.temporary.path)
        let port = try #require(viewing.link?.port, "\(viewing.line)")
        #expect(viewing.isServing)
        // A second viewer cannot take the same port, and says so.
        let second = try Program.run(
            ["view", run.folder.path, "--no-open", "--port", "\(port)"], in: run.temporary.path)
        #expect(second.status == 1 && second.output == "")
        #expect(
            second.messages == [
                "dsd view: port \(port) of this machine cannot be used. Give another --port, or leave it out."
            ])
        #expect(viewing.end())
    }

    @Test func aFolderThatIsNoRunIsRefused() throws {
        let folder = try TemporaryFolder()
        let outcome = try Program.run(["view", "nothing", "--no-open"], in: folder.path)
        #expect(outcome.status == 1 && outcome.error.contains("nothing/config.yaml: it cannot be read"))
        #expect(try Program.run(["view", "run", "--port", "70000"], in: folder.path).status == 64)
    }
}
