import CryoIO
import Foundation
import TestSupport
import Testing

/// `dsd train` in two processes, started with the variables that torchrun sets.
@Suite struct TrainTogetherTests {
    private static func start(
        _ rank: Int, port: Int, _ arguments: [String], in folder: TemporaryFolder
    ) throws -> (process: Process, error: Pipe) {
        let process = Process()
        let error = Pipe()
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        var environment = ProcessInfo.processInfo.environment
        for (name, value) in [
            "RANK": "\(rank)", "WORLD_SIZE": "2", "LOCAL_RANK": "\(rank)", "LOCAL_WORLD_SIZE": "2",
            "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "\(port)",
        ] { environment[name] = value }
        process.environment = environment
        process.standardOutput = FileHandle.nullDevice
        process.standardError = error
        try process.run()
        return (process, error)
    }

    private static func arguments(_ set: String, _ more: [String]) -> [String] {
        ["train", "\(set)/particles.star", "--mask", "\(set)/mask.mrc"] + TrainTests.tiny
            + ["--set", "numerics.convolutions=float32", "--threads", "1"] + more
    }

    /// 50 steps, ten epochs of five, have the same objective.
    @Test func twoProcessesGiveTheCurveOfOne() throws {
        let set = try Fixture.set.get()
        let folder = try TemporaryFolder()
        // Poses that are found by comparing what is nearly equal make large differences of small ones.
        let more = ["--epochs", "10", "--set", "poseRefinement.enabled=false"]
        let alone = try Program.run(
            Self.arguments(set, more) + ["--output", "alone"], in: folder.path)
        #expect(alone.status == 0, "\(alone.error)")
        let port = try freePort()
        let both = try (0..<2).map { rank in
            try Self.start(rank, port: port, Self.arguments(set, more) + ["--output", "both"], in: folder)
        }
        for (process, error) in both {
            let text = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "\(text)")
        }
        let curves = try ["alone", "both"].map { run in
            try String(contentsOfFile: folder.file("\(run)/metrics.csv"), encoding: .utf8).split(
                separator: "\n"
            )
                .dropFirst().map { $0.split(separator: ",").compactMap { Double($0) } }
        }
        #expect(curves[0].count == 26 && curves[1].count == 26)
        // Columns 6, 12 and 14 are reconstruction, total and validation; the first stage is the first ten
        // rows.
        for (a, b) in zip(curves[0], curves[1]).prefix(10) {
            #expect(a.count == 15 && b.count == 15)
            for column in [6, 12, 14] { #expect(abs(a[column] - b[column]) < 1e-4, "\(a) \(b)") }
        }
        #expect(
            try NPYArray.read(folder.file("both/latent/mean.npy")).shape
                == NPYArray.read(folder.file("alone/latent/mean.npy")).shape)
    }

    /// A process that is killed ends the other within a minute, and the run goes on from a whole checkpoint.
    @Test func aKilledProcessEndsTheOtherAndTheRunResumes() throws {
        let set = try Fixture.set.get()
        let folder = try TemporaryFolder()
        let long = Self.arguments(set, ["--epochs", "4000", "--output", "run"])
        let port = try freePort()
        let (first, error) = try Self.start(0, port: port, long, in: folder)
        let (second, _) = try Self.start(1, port: port, long, in: folder)
        let patience = Date().addingTimeInterval(60)
        while !FileManager.default.fileExists(atPath: folder.file("run/metrics.csv")), Date() < patience {
            usleep(50_000)
        }
        let killed = Date()
        kill(second.processIdentifier, SIGKILL)
        let text = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        first.waitUntilExit()
        second.waitUntilExit()
        #expect(first.terminationStatus != 0 && Date().timeIntervalSince(killed) < 60)
        #expect(text.contains("another process of the run has ended"), "\(text)")
        // What was written last is whole: the run continues from it, here in one process until it is stopped.
        let resumed = Process()
        resumed.executableURL = URL(fileURLWithPath: Program.path)
        resumed.arguments = ["train", "\(set)/particles.star", "--output", "run", "--resume"]
        resumed.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        resumed.standardOutput = FileHandle.nullDevice
        resumed.standardError = FileHandle.nullDevice
        let before = try String(contentsOfFile: folder.file("run/metrics.csv"), encoding: .utf8)
        try resumed.run()
        let limit = Date().addingTimeInterval(60)
        var after = before
        while after == before, resumed.isRunning, Date() < limit {
            usleep(50_000)
            after = (try? String(contentsOfFile: folder.file("run/metrics.csv"), encoding: .utf8)) ?? after
        }
        resumed.terminate()
        resumed.waitUntilExit()
        #expect(after.count > before.count && after.hasPrefix(before))
        #expect(resumed.terminationStatus == 130)
    }
}
