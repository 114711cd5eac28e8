import CryoIO
import Torch

/// Model, optimizer and memory bank of the stage under way.
final class StageRun {
    let data: StageData
    let model: Model
    let evaluation: Evaluation
    /// Made by `start`, when the encoder is known.
    private var step: TrainingStep?
    private let configuration: Configuration
    private let workers: WorkerPool
    private let bank: MemoryBank
    private let optimizer: Adam
    private let stage: Configuration.Stage
    private let clip: Double
    private static let bankName = "bank.codes"

    init(_ configuration: Configuration, stage: Configuration.Stage, data: StageData, workers: WorkerPool)
        throws
    {
        self.stage = stage
        self.configuration = configuration
        self.workers = workers
        self.data = data
        clip = configuration.optimizer.clip
        model = try Model(configuration, geometry: data.geometry, mask: data.mask, device: data.device)
        evaluation = Evaluation(configuration, data: data, model: model, workers: workers)
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
        parameters + [Parameter(Self.bankName, bank.codes)] + optimizer.state("adam")
    }

    /// What the next stage takes over.
    var tensors: [String: Tensor] {
        Dictionary(
            uniqueKeysWithValues: (parameters + [Parameter(Self.bankName, bank.codes)]).map {
                ($0.name, $0.tensor)
            })
    }

    /// Takes over what fits of an earlier stage, or the whole of a checkpoint of this one.
    func start(from tensors: [String: Tensor], resuming: Bool, file: String) throws {
        if resuming {
            for parameter in checkpointParameters { try parameter.restore(from: tensors, file: file) }
        } else {
            try model.adopt(tensors)
            if let codes = tensors[Self.bankName], codes.shape == bank.codes.shape {
                try bank.codes.copy(from: codes)
            }
        }
        step = TrainingStep(
            configuration, data: data, model: model, workers: workers,
            fixedCodes: stage.trainsEncoder ? nil : try fixedCodes())
    }

    /// Codes of all images by the encoder as it stands.
    private func fixedCodes() throws -> (mean: Tensor, logSigma: Tensor) {
        let count = data.particles.count
        let (mean, logSigma) = try evaluation.encode(Array(0..<count))
        let shape = [count, mean.count / count]
        return (Tensor(mean, shape: shape).to(data.device), Tensor(logSigma, shape: shape).to(data.device))
    }

    /// One update with the images `indices`.
    func update(_ indices: [Int], step number: Int, beta: Double, rate: Double) throws -> ObjectiveTerms {
        guard let step else { throw TorchError("a stage is updated before its start") }
        let (found, terms) = try step.gradients(
            indices, for: optimizer.parameters, bank: bank, step: number, beta: beta,
            trainsEncoder: stage.trainsEncoder)
        var gradients = found
        if clip > 0, terms.gradientNorm > clip {
            gradients = gradients.map { $0.map { $0 * (clip / terms.gradientNorm) } }
        }
        try optimizer.step(gradients, learningRate: rate)
        return terms
    }
}
