import CryoIO
import Foundation
import Synchronization
import TestSupport
import Testing
import Torch

@testable import dsd

@Suite struct SupportTests {
    /// A screen that keeps what is written, with a clock that the test sets.
    private final class Screen: Sendable {
        let text = Mutex("")
        let time = Mutex(0.0)

        func screen(terminal: Bool) -> ProgressScreen {
            ProgressScreen(
                isTerminal: terminal, write: { piece in self.text.withLock { $0 += piece } },
                now: { self.time.withLock { $0 } }, width: { 72 }, memory: { 1_234_000_000 })
        }

        var lines: [String] { text.withLock { $0 }.split(separator: "\n").map(String.init) }
    }

    @Test func progressInALogComesAtGrowingIntervals() {
        let screen = Screen()
        let line = ProgressLine(
            "encoding", unit: "images", quiet: false, screen: screen.screen(terminal: false))
        var printed: [Int] = []
        for second in 0...240 {
            screen.time.withLock { $0 = Double(second) }
            let before = screen.lines.count
            line.update(done: second * 10, of: 4800, note: "epoch 1")
            if screen.lines.count > before { printed.append(second) }
        }
        #expect(printed == [1, 3, 8, 18, 48, 108, 168, 228])
        #expect(
            screen.lines[1] == "encoding    0 %  30/4800 images  10.0/s  7 min 57 s left  1.2 GB  epoch 1")
        line.finish()
        line.finish()
        #expect(screen.lines.last == "encoding: 2400/4800 images, 4 min 00 s")
        #expect(screen.lines.count == 9)
    }

    @Test func progressOnATerminalIsOneLineRedrawnTenTimesASecond() {
        let screen = Screen()
        let line = ProgressLine(
            "encoding", unit: "images", quiet: false, screen: screen.screen(terminal: true))
        for step in 0..<1000 {
            screen.time.withLock { $0 = Double(step) / 1000 }
            line.update(done: step, of: 1000)
        }
        let drawn = screen.text.withLock { $0 }.split(separator: "\r")
        #expect((9...10).contains(drawn.count) && drawn.allSatisfy { $0.count < 80 })
        #expect(drawn.last?.contains("[#####################...]") == true)
        line.finish("all done")
        #expect(screen.text.withLock { $0 }.hasSuffix("\r\u{1b}[Kencoding: all done\n"))
    }

    @Test func quietProgressShowsNothing() {
        let screen = Screen()
        let line = ProgressLine(
            "encoding", unit: "images", quiet: true, screen: screen.screen(terminal: false))
        screen.time.withLock { $0 = 100 }
        line.update(done: 1, of: 2)
        line.finish("done")
        #expect(screen.lines.isEmpty)
    }

    @Test func rateCountsFromTheFirstReport() {
        let screen = Screen()
        let line = ProgressLine(
            "resumed", unit: "images", quiet: false, screen: screen.screen(terminal: false))
        line.update(done: 5000, of: 6000)
        screen.time.withLock { $0 = 10 }
        line.update(done: 5100, of: 6000)
        #expect(screen.lines.first?.contains("10.0/s  1 min 30 s left") == true)
    }

    @Test(arguments: [
        (0.04, "0.0 s"), (9.9, "9.9 s"), (59.4, "59 s"), (200, "3 min 20 s"), (7500, "2 h 05 min"),
    ])
    func durationsReadWell(_ seconds: Double, _ text: String) {
        #expect(ProgressText.duration(seconds) == text)
    }

    @Test func jsonHasSortedKeysAndTakesInfinity() throws {
        struct Facts: Encodable { let zeta = Double.infinity, alpha = "a/b", none: Int? = nil }
        #expect(try JSONOutput.text(Facts()) == "{\n  \"alpha\" : \"a/b\",\n  \"zeta\" : \"inf\"\n}")
    }

    @Test func lengthsAreVoxelsOrAngstrom() throws {
        let voxels = try #require(VoxelLength(argument: "6"))
        let angstrom = try #require(VoxelLength(argument: "12A"))
        #expect(voxels.voxels(pixelSize: 4) == 6 && voxels.angstrom(pixelSize: 4) == 24)
        #expect(angstrom.voxels(pixelSize: 4) == 3 && angstrom.angstrom(pixelSize: 4) == 12)
        #expect(VoxelLength(argument: "wide") == nil && VoxelLength(argument: "nan") == nil)
    }

    @Test func deviceIsCheckedAgainstWhatIsThere() throws {
        #expect(try DeviceOption.parse(["--device", "cpu"]).resolved() == .cpu)
        #expect(throws: DataError.self) { try DeviceOption.parse(["--device", "gpu"]).resolved() }
        #expect(throws: DataError.self) { try DeviceOption.parse(["--threads", "0"]).resolved() }
        let count = try Runtime.cudaDeviceCount()
        #expect(throws: DataError.self) { try DeviceOption.parse(["--device", "cuda:\(count)"]).resolved() }
        #expect(try DeviceOption.parse([]).threads == nil && ThreadsOption.parse([]).count() >= 1)
        #expect(try DeviceOption.parse(["--threads", "3"]).threads == 3)
    }

    @Test func foldersMadeForFailedWorkGoAgain() throws {
        struct Fault: Error {}
        let folder = try TemporaryFolder()
        #expect(throws: Fault.self) { try OutputFolder.filling(folder.file("new")) { throw Fault() } }
        #expect(try folder.contents() == [])
        #expect(throws: Fault.self) { try OutputFolder.filling(folder.path) { throw Fault() } }
        #expect(FileManager.default.fileExists(atPath: folder.path))
    }

    @Test func warningsOfTheParticlesGoToStandardError() throws {
        let set = try Fixture.set.get()
        let folder = try TemporaryFolder()
        let text = try String(contentsOfFile: set + "/particles.star", encoding: .utf8)
        try AtomicFile.write(
            text: text.replacingOccurrences(of: "rlnOriginX", with: "rlnFormerX")
                .replacingOccurrences(of: "rlnOriginY", with: "rlnFormerY"), to: folder.file("p.star"))
        let outcome = try Program.run(
            ["reconstruct", "p.star", "--datadir", set, "--output", "rec"], in: folder.path)
        #expect(outcome.status == 0 && outcome.error.contains("warning: there are no origins"))
    }

    @Test func readerThatGoesAwayDoesNotEndTheWork() throws {
        let folder = try TemporaryFolder()
        try Fixture.noise(side: 16).write(to: folder.file("a.mrc"))
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = words("fsc a.mrc a.mrc")
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardOutput = pipe
        process.standardError = pipe
        try pipe.fileHandleForReading.close()
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    }
}
