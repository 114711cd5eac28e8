import CryoIO
import Torch

/// Model, optimizer and memory bank of the stage under way.
package final class StageRun {
    let data: StageData
    let model: Model
    package let evaluation: Evaluation
    /// Made by `start`, when the encoder is known.
    private var step: TrainingStep?
    private let configuration: Configuration
    private let workers: WorkerPool
    private let team: Team?
    private let bank: MemoryBank
    private let optimizer: Adam
    let stage: Configuration.Stage
    private let clip: Double
    private static let bankName = "bank.codes"
    private static let codesNames = ["codes.mean", "codes.logSigma"]
    /// Codes of all images where the encoder stays as it is in this stage.
    private(set) var fixedCodes: Codes?

    package init(
        _ configuration: Configuration, stage: Configuration.Stage, data: StageData, workers: WorkerPool,
        team: Team? = nil
    ) throws {
        self.team = team
        self.stage = stage
        self.configuration = configuration
        self.workers = workers
        self.data = data
        clip = configuration.optimizer.clip
        model = try Model(configuration, geometry: data.geometry, mask: data.mask, device: data.device)
        evaluation = Evaluation(configuration, data: data, model: model, workers: workers, team: team)
        let codeSize =
            configuration.model.latentSize
            + (configuration.model.poseCorrection ? configuration.model.poseCorrectionSize : 0)
        bank = MemoryBank(
            classes: data.particles.classes, latentSize: codeSize, momentum: configuration.prior.bankMomentum,
            seed: configuration.seed, device: data.device)
        let o = configuration.optimizer
        let trained =
            stage.trainsEncoder
            ? model.parameters : model.parameters.filter { !$0.name.hasPrefix("encoder.") }
        optimizer = Adam(trained, beta1: o.beta1, beta2: o.beta2, epsilon: o.epsilon)
    }

    var parameters: [Parameter] { model.parameters }

    /// Everything a resumed run needs.
    var checkpointParameters: [Parameter] {
        parameters + [Parameter(Self.bankName, bank.codes)] + optimizer.state("adam") + codesParameters
    }

    private var codesParameters: [Parameter] {
        guard let fixedCodes else { return [] }
        let shape = [fixedCodes.count, fixedCodes.width]
        return zip(Self.codesNames, [fixedCodes.mean, fixedCodes.logSigma]).map {
            Parameter($0, Tensor($1, shape: shape))
        }
    }

    /// What the next stage takes over: where it keeps the codes of all images these, and the poses that were
    /// found with them.
    func handOver(
        to next: Configuration.Stage, progress: @escaping @Sendable (Int) -> Void
    ) throws -> (tensors: [String: Tensor], poses: PoseRefinement.Outcome?) {
        let keeps = !next.trainsEncoder
        var poses: PoseRefinement.Outcome?
        if keeps && (fixedCodes == nil || stage.settles || next.settles) {
            if configuration.refinesPoses {
                poses = try PoseRefinement(evaluation: evaluation)
                    .refined(
                        .full, for: next.settles ? .codes : .maps, from: fixedCodes, progress: progress)
            }
            fixedCodes = try poses?.codes ?? evaluation.codes(from: fixedCodes, progress: progress)
        }
        let all = parameters + [Parameter(Self.bankName, bank.codes)] + (keeps ? codesParameters : [])
        return (Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.tensor) }), poses)
    }

    /// Poses under the decoder as it is; nil where the configuration infers no codes.
    func refinedPoses(progress: @escaping @Sendable (Int) -> Void) throws -> PoseRefinement.Outcome? {
        try PoseRefinement(evaluation: evaluation).refined(.quick, for: .codes, progress: progress)
    }

    /// Takes over what fits of an earlier stage, or the whole of a checkpoint of this one.
    package func start(from tensors: [String: Tensor], resuming: Bool, file: String) throws {
        if !stage.trainsEncoder {
            if let kept = try Self.codes(in: tensors, count: data.particles.count) {
                fixedCodes = kept
            } else {
                if !resuming { try model.adopt(tensors) }
                fixedCodes = try evaluation.encode(Array(0..<data.particles.count))
            }
        }
        if resuming {
            for parameter in checkpointParameters where !Self.codesNames.contains(parameter.name) {
                try parameter.restore(from: tensors, file: file)
            }
        } else {
            try model.adopt(tensors)
            if let codes = tensors[Self.bankName], codes.shape == bank.codes.shape {
                try bank.codes.copy(from: codes)
            }
        }
        try team?.adoptFirst(parameters.map(\.tensor))
        step = TrainingStep(
            configuration, data: data, model: model, workers: workers, fixedCodes: fixedCodes, team: team)
    }

    /// Codes of all images that a checkpoint or an earlier stage carries; nil where it carries none.
    static func codes(in tensors: [String: Tensor], count: Int) throws -> Codes? {
        guard let mean = tensors[codesNames[0]], let logSigma = tensors[codesNames[1]], mean.shape.count == 2,
            mean.shape == logSigma.shape, mean.size(0) == count
        else { return nil }
        return Codes(mean: try mean.floats(), logSigma: try logSigma.floats(), width: mean.size(1))
    }

    /// Steps whose terms may wait to be read: on the CPU they are at hand; a CUDA device should not be waited
    /// for.
    package var recordsHeld: Int { data.device.isCUDA ? 16 : 1 }

    /// Batches from number `first` on, read ahead.
    package func reader(_ batches: [[Int]], from first: Int) -> BatchReader {
        reader(batches.map { PlannedBatch($0) }, from: first)
    }

    func reader(_ batches: [PlannedBatch], from first: Int) -> BatchReader {
        BatchReader(data, batches: batches, from: first, workers: workers.count, team: team)
    }

    /// One update with a batch. On the CPU a term that is no number stops it before it does harm; on a CUDA
    /// device the optimizer leaves out the update, and the reader of the record hears of it.
    package func update(_ batch: StepBatch, step number: Int, beta: Double, rate: Double) throws -> StepRecord
    {
        guard let step else { throw TorchError("a stage is updated before its start") }
        // What all parameters or images are gone through for, the workers share: waking other threads for the
        // rest takes longer than it does.
        return try Runtime.onOneThread {
            try update(batch, by: step, number: number, beta: beta, rate: rate)
        }
    }

    private func update(
        _ batch: StepBatch, by step: TrainingStep, number: Int, beta: Double, rate: Double
    ) throws -> StepRecord {
        let (found, record) = try step.gradients(
            batch, for: optimizer.parameters, bank: bank, step: number, beta: beta,
            trainsEncoder: stage.trainsEncoder)
        let norm = record.gradientNorm
        let onDevice = data.device.isCUDA
        if !onDevice { _ = try record.terms() }
        if clip > 0 {
            let factor = (Tensor.full([], clip, .float64, on: data.device) / norm).clamp(max: 1)
            // On the CPU the norm is at hand, and most steps want no clip.
            if try onDevice || factor.item() < 1 {
                for case .some(let gradient) in found {
                    try gradient.multiply(inPlace: factor.to(gradient.dtype))
                }
            }
        }
        try optimizer.step(
            found, learningRate: rate, skipped: onDevice ? (!norm.isFinite()).to(.float32) : nil,
            workers: workers)
        return record
    }
}
