import CryoIO
import Foundation
import Torch

/// A training from data to codes in a run folder: what `dsd train` and the demonstration do.
public struct TrainingSession {
    public let record: RunRecord
    public let folder: RunFolder
    public let device: Device

    /// A new run. The folder may exist but must hold no run.
    public init(new record: RunRecord, folder: RunFolder, device: Device) throws {
        guard !FileManager.default.fileExists(atPath: folder.configuration) else {
            throw DataError(
                file: folder.path, "the folder already holds a run",
                remedy: "Continue it with --resume, or give another --output.")
        }
        var configuration = try record.configuration.validated()
        if device.isCUDA { configuration.numerics.workers = 1 }
        if configuration.numerics.workers == 0 {
            let processors = ProcessInfo.processInfo.activeProcessorCount
            configuration.numerics.workers = max(1, min(processors, configuration.sampling.batch / 2))
        }
        self.record = RunRecord(program: record.program, inputs: record.inputs, configuration: configuration)
        self.folder = folder
        self.device = device
    }

    /// The run of a folder, to be continued with the configuration it was started with.
    public init(resuming folder: RunFolder, device: Device) throws {
        record = try RunRecord.read(folder.configuration)
        self.folder = folder
        self.device = device
    }

    /// Trains to the end from the latest checkpoint, or from the start, and encodes every image.
    public func run(
        observer: any TrainingObserver, report: @escaping (String) -> Void = { _ in },
        progress: @escaping RunData.Progress = { _, _, _ in }
    ) throws -> Run {
        // Images are prepared on the processor; its threads have nothing else to do where a GPU trains.
        try Runtime.setThreads(
            device.isCUDA
                ? ProcessInfo.processInfo.activeProcessorCount : record.configuration.numerics.workers)
        let data = try RunData.checking(
            record, folder: folder, device: device, report: report, progress: progress)
        let checkpoint =
            FileManager.default.fileExists(atPath: folder.latestCheckpoint)
            ? try Checkpoint(path: folder.latestCheckpoint) : nil
        let trainer = try Trainer(data.record.configuration, folder: folder, observer: observer) { stage in
            try data.stage(stage, progress: progress)
        }
        let outcome = try trainer.run(from: checkpoint)
        let run = Run(
            data: data, stage: outcome.data, model: outcome.model, state: outcome.state,
            workers: outcome.workers, keptCodes: outcome.codes)
        let total = data.particles.count
        let counter = ProgressCounter { done in progress("encoding", done, total) }
        try run.writeLatents { counter.add($0) }
        return run
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
