import CryoIO
import Foundation

/// The folder of a run and the files in it.
public struct RunFolder: Sendable {
    public let path: String
    public init(_ path: String) { self.path = path }

    public var configuration: String { "\(path)/config.yaml" }
    public var log: String { "\(path)/log.txt" }
    public var metrics: String { "\(path)/metrics.csv" }
    public var latestCheckpoint: String { "\(path)/checkpoint/latest.safetensors" }
    public var bestCheckpoint: String { "\(path)/checkpoint/best.safetensors" }
    public var mean: String { "\(path)/latent/mean.npy" }
    public var logSigma: String { "\(path)/latent/logsigma.npy" }
    /// Codes by the encoder alone.
    public var encoderMean: String { "\(path)/latent/encoder-mean.npy" }
    public var encoderLogSigma: String { "\(path)/latent/encoder-logsigma.npy" }
    /// Prepared images; they can be deleted and are made again when needed.
    public var cache: String { "\(path)/cache" }
    public var consensus: String { "\(path)/consensus.mrc" }
    /// Changes of poses that a round of refinement, from 1, has found.
    public func poses(round: Int) -> String { "\(path)/poses/round\(round).npy" }
    /// The consensus with the poses of a round at the box of a stage.
    func consensus(round: Int, box: Int) -> String { "\(path)/poses/consensus\(round)-\(box).mrc" }
    /// Power of the noise of images of a box, by shell.
    func noise(box: Int) -> String { "\(path)/noise/box\(box).npy" }
    public var mask: String { "\(path)/mask.mrc" }
    public var analysis: String { "\(path)/analysis" }
    public var report: String { "\(path)/report.html" }

    /// Makes the folders that training writes to.
    public func create() throws(DataError) {
        for folder in [path, "\(path)/checkpoint", "\(path)/latent", "\(path)/poses", "\(path)/noise", cache]
        {
            try OutputFolder.create(folder)
        }
    }

    func writeMetrics(_ rows: [EpochMetrics]) throws {
        let text = ([EpochMetrics.header] + rows.map(\.csv)).joined(separator: "\n") + "\n"
        try AtomicFile.write(Array(text.utf8), to: metrics)
    }
}
