import CryoIO
import Foundation
import Torch

/// A training from data to codes in a run folder: what `dsd train` and the demonstration do.
public struct TrainingSession {
    public let record: RunRecord
    public let folder: RunFolder
    public let device: Device
    /// The place of this process where several train together; nil where it trains alone.
    public let launch: Launch?

    /// Whether this process writes to the run folder and says what happens.
    public var leads: Bool { launch.map { $0.rank == 0 } ?? true }

    /// A new run. The folder may exist but must hold no run; of several processes the first one looks.
    public init(new record: RunRecord, folder: RunFolder, device: Device, launch: Launch? = nil) throws {
        let follows = launch.map { $0.rank > 0 } ?? false
        guard follows || !FileManager.default.fileExists(atPath: folder.configuration) else {
            throw DataError(
                file: folder.path, "the folder already holds a run",
                remedy: "Continue it with --resume, or give another --output.")
        }
        var configuration = try record.configuration.validated()
        try configuration.numerics.settle(for: device)
        if device.isCUDA { configuration.numerics.workers = 1 }
        if configuration.numerics.workers == 0 {
            let processors = ProcessInfo.processInfo.activeProcessorCount
            let (sharers, batch) = (
                launch?.localSize ?? 1, configuration.sampling.batch / (launch?.size ?? 1)
            )
            configuration.numerics.workers = max(1, min(processors / sharers, batch / 2))
        }
        try Self.check(launch, batch: configuration.sampling.batch)
        self.record = RunRecord(program: record.program, inputs: record.inputs, configuration: configuration)
        (self.folder, self.device, self.launch) = (folder, device, launch)
    }

    /// The run of a folder, to be continued with the configuration it was started with.
    public init(resuming folder: RunFolder, device: Device, launch: Launch? = nil) throws {
        record = try RunRecord.read(folder.configuration)
        try Self.check(launch, batch: record.configuration.sampling.batch)
        (self.folder, self.device, self.launch) = (folder, device, launch)
    }

    private static func check(_ launch: Launch?, batch: Int) throws(DataError) {
        guard let launch, launch.size > batch else { return }
        throw DataError(
            file: nil, "there are more processes than images in a batch", found: "\(launch.size)",
            wanted: "at most sampling.batch, \(batch)",
            remedy: "Start fewer processes, or raise sampling.batch.")
    }

    /// Trains to the end from the latest checkpoint, or from the start, and encodes every image.
    public func run(
        observer: any TrainingObserver, report: @escaping (String) -> Void = { _ in },
        progress: @escaping RunData.Progress = { _, _, _ in }
    ) throws -> Run {
        try Runtime.keepMemory()
        // Images are prepared on the processor; its threads have nothing else to do where a GPU trains.
        try Runtime.setThreads(
            device.isCUDA
                ? ProcessInfo.processInfo.activeProcessorCount : record.configuration.numerics.workers)
        let checkpoint =
            FileManager.default.fileExists(atPath: folder.latestCheckpoint)
            ? try Checkpoint(path: folder.latestCheckpoint) : nil
        let (team, first) = try prepared(report: report, progress: progress)
        var data = first
        let trainer = try Trainer(data.record.configuration, folder: folder, observer: observer, team: team) {
            stage, poseRound in
            data = try data.round(poseRound)
            return try data.stage(stage, progress: progress)
        }
        let outcome = try trainer.run(from: checkpoint)
        let run = Run(
            data: data, stage: outcome.data, model: outcome.model, state: outcome.state,
            workers: outcome.workers, keptCodes: outcome.codes, team: team)
        let total = data.particles.count
        let counter = ProgressCounter { done in progress("encoding", done, total) }
        try run.writeLatents { counter.add($0) }
        return run
    }

    /// The data of the run. Of several processes the first one makes all of it while the others wait.
    private func prepared(
        report: (String) -> Void, progress: @escaping RunData.Progress
    ) throws -> (team: Team?, data: RunData) {
        func made() throws -> RunData {
            try RunData.checking(record, folder: folder, device: device, report: report, progress: progress)
        }
        guard let launch else { return (nil, try made()) }
        report("process \(launch.rank + 1) of \(launch.size), meeting at \(launch.host):\(launch.port)")
        let (team, data) = try Team.gathered(launch, device: device) { leads in
            guard leads else {
                return try RunData(try RunRecord.read(folder.configuration), folder: folder, device: device)
            }
            let data = try made()
            for stage in data.record.configuration.stages {
                _ = try data.prepared(box: data.geometry(stage).box, progress: progress)
            }
            return data
        }
        return (team, data)
    }
}

/// Adds up progress that comes in pieces.
final class ProgressCounter: @unchecked Sendable {
    private var done = 0
    private let report: (Int) -> Void
    init(_ report: @escaping (Int) -> Void) { self.report = report }
    func add(_ count: Int) {
        done += count
        report(done)
    }
}

extension RunData {
    /// Loads the data and writes `config.yaml` once the inputs have proved usable, so that a start that
    /// fails on its
    /// inputs leaves no run behind.
    static func checking(
        _ record: RunRecord, folder: RunFolder, device: Device, report: (String) -> Void, progress: Progress
    ) throws -> RunData {
        let fresh = !FileManager.default.fileExists(atPath: folder.path)
        do {
            try folder.create()
            let data = try RunData(record, folder: folder, device: device, report: report, progress: progress)
            if !FileManager.default.fileExists(atPath: folder.configuration) {
                try data.record.write(to: folder.configuration)
            }
            return data
        } catch {
            if fresh { try? FileManager.default.removeItem(atPath: folder.path) }
            throw error
        }
    }
}
