import CryoEM
import CryoIO
import Foundation
import Torch

/// A trained run, opened: codes of particles and maps of codes.
public struct Run: Sendable {
    public let data: RunData
    public let stage: StageData
    public let model: Model
    public let state: RunState
    public let evaluation: Evaluation
    let workers: WorkerPool
    /// The processes that trained together; nil where this one did alone.
    private let team: Team?
    /// Codes of all images, settled before the last stage.
    private let keptCodes: Codes?

    /// Opens the best epoch of a run folder.
    public init(
        _ folder: RunFolder, device: Device = .cpu, report: (String) -> Void = { _ in },
        progress: RunData.Progress = { _, _, _ in }
    ) throws {
        let record = try RunRecord.read(folder.configuration)
        let best = try Checkpoint(path: folder.bestCheckpoint)
        let data = try RunData(
            record, folder: folder, device: device, report: report, progress: progress
        ).round(best.state.poseRound)
        let configuration = record.configuration
        let stage = try data.stage(
            configuration.stages[min(best.state.stage, configuration.stages.count - 1)], progress: progress)
        guard stage.geometry == best.geometry else {
            throw DataError(
                file: folder.bestCheckpoint, "the checkpoint was trained with another mask or box",
                found: "\(stage.geometry)",
                wanted: "\(best.geometry)", remedy: "Keep mask.mrc and the particles of the run as they were."
            )
        }
        let model = try Model(configuration, geometry: stage.geometry, mask: stage.mask, device: device)
        for parameter in model.parameters {
            try parameter.restore(from: best.tensors, file: folder.bestCheckpoint)
        }
        let latest = try Checkpoint(path: folder.latestCheckpoint)
        self.init(
            data: data, stage: stage, model: model, state: best.state,
            workers: WorkerPool(count: configuration.numerics.workers),
            keptCodes: try StageRun.codes(in: latest.tensors, count: data.particles.count))
    }

    init(
        data: RunData, stage: StageData, model: Model, state: RunState, workers: WorkerPool,
        keptCodes: Codes?, team: Team? = nil
    ) {
        self.team = team
        (self.data, self.stage, self.model, self.state) = (data, stage, model, state)
        self.keptCodes = keptCodes
        self.workers = workers
        evaluation = Evaluation(
            data.record.configuration, data: stage, model: model, workers: workers, team: team)
    }

    /// Size Z of the code that the decoder sees.
    public var latentSize: Int { model.latentSize }

    /// Encodes every image and writes `latent/mean.npy` and `latent/logsigma.npy`, rows in the order of the
    /// particles, and what the encoder alone gave beside them.
    public func writeLatents(progress: @escaping @Sendable (Int) -> Void = { _ in }) throws {
        let all = Array(0..<data.particles.count)
        let encoded = try evaluation.encode(all)
        let codes =
            try keptCodes
            ?? evaluation.inferred(
                all, encoded: encoded, cells: try evaluation.cells(of: encoded), progress: progress)
        guard team?.leads ?? true else { return }
        try encoded.write(mean: data.folder.encoderMean, logSigma: data.folder.encoderLogSigma)
        try codes.write(mean: data.folder.mean, logSigma: data.folder.logSigma)
    }

    /// Maps of codes, row-major [count, Z] or with the pose block behind, in the box, pixel size and origin
    /// of the consensus.
    public func maps(codes: [Float], count: Int, each body: (Int, DensityMap) throws -> Void) throws {
        let consensus = data.consensus
        try MapMaker(
            evaluation: evaluation, latentSize: latentSize, wideSize: model.encoder.mean.bias.count,
            geometry: stage.geometry, side: consensus.side, pixelSize: data.particles.pixelSize,
            origin: consensus.origin
        ).maps(codes: codes, count: count, each: body)
    }
}
