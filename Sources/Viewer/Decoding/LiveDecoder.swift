import CryoIO
import Foundation
import OpusDSD
import Torch

/// The run's decoder, kept open on its thread; a newer checkpoint takes its place.
final class LiveDecoder: Sendable {
    private let folder: RunFolder
    private let device: Device
    private let threads: Int
    private let thread = DecodingThread()
    private let kept = Kept()

    /// State of the decoder; only the decoding thread touches it.
    private final class Kept: @unchecked Sendable {
        var decoder: RunDecoder?
        var stamp: FileStamp?
        var run: Run?
    }

    init(_ folder: RunFolder, device: Device, threads: Int) {
        (self.folder, self.device, self.threads) = (folder, device, threads)
    }

    func stop() { thread.stop() }

    var hasCheckpoint: Bool { FileManager.default.fileExists(atPath: folder.bestCheckpoint) }

    /// Does work with the decoder of the newest checkpoint.
    func perform<Value: Sendable>(_ work: @escaping @Sendable (RunDecoder) throws -> Value) async throws
        -> Value
    {
        try await thread.perform { [self] in try work(try opened()) }
    }

    /// Does work with the whole run, with its particles and images.
    func performWithRun<Value: Sendable>(_ work: @escaping @Sendable (Run) throws -> Value) async throws
        -> Value
    {
        try await thread.perform { [self] in
            _ = try opened()
            let run = try kept.run ?? Run(folder, device: device)
            kept.run = run
            return try work(run)
        }
    }

    private func opened() throws -> RunDecoder {
        let now = FileStamp([folder.bestCheckpoint, folder.mask, folder.consensus])
        if let decoder = kept.decoder, now == kept.stamp { return decoder }
        (kept.decoder, kept.run) = (nil, nil)
        guard hasCheckpoint else {
            throw DataError(
                file: folder.bestCheckpoint, "the run has no checkpoint yet",
                remedy: "Wait for the first epoch of dsd train.")
        }
        try Runtime.setThreads(threads)
        let decoder = try RunDecoder(folder, device: device)
        (kept.decoder, kept.stamp) = (decoder, now)
        return decoder
    }
}
