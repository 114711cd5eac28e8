import Torch

/// Deterministic passes without gradients, without augmentation, with z = mu (METHOD 13.8).
public struct Evaluation: Sendable {
    let configuration: Configuration
    let data: StageData
    let model: Model
    let workers: WorkerPool
    /// The processes that share the images; nil where this one has them all.
    let team: Team?
    let gain: Double
    /// Images a worker has at once; fewer than the most where their volumes are large.
    let block: Int
    static let mostAtOnce = 32

    public init(
        _ configuration: Configuration, data: StageData, model: Model, workers: WorkerPool, team: Team? = nil
    ) {
        self.configuration = configuration
        self.team = team
        (self.data, self.model, self.workers) = (data, model, workers)
        gain = data.outputGain(configuration.model)
        let side = data.geometry.volumeSide
        let fitting = max(1, min(Self.mostAtOnce, (1 << 27) / (side * side * side)))
        let wanted = configuration.numerics.imagesAtOnce
        block = wanted > 0 ? min(wanted, fitting) : fitting
    }

    /// What the encoder alone makes of images.
    public func encode(_ indices: [Int], progress: @Sendable (Int) -> Void = { _ in }) throws -> Codes {
        guard let team else { return try encodeAlone(indices, progress: progress) }
        let (own, first) = team.share(indices)
        let codes = try encodeAlone(own, progress: progress)
        return try team.gathered(codes, first: first, count: indices.count)
    }

    private func encodeAlone(_ indices: [Int], progress: @Sendable (Int) -> Void) throws -> Codes {
        var mean: [Float] = []
        var logSigma: [Float] = []
        for group in EpochPlan.chunks(indices, of: block * workers.count) {
            let parts = TrainingStep.split(group, into: workers.count)
            let results = try workers.map { worker -> ([Float], [Float]) in
                guard !parts[worker].isEmpty else { return ([], []) }
                return try withoutGradient { () throws -> ([Float], [Float]) in
                    let (m, s) = encoded(try data.batch(parts[worker]))
                    return (try m.floats(), try s.floats())
                }
            }
            for (m, s) in results {
                mean += m
                logSigma += s
            }
            progress(group.count)
        }
        return Codes(mean: mean, logSigma: logSigma, width: model.encoder.mean.bias.count)
    }

    /// Mean error of images per pixel of the mask's area: the reconstruction term at z = mu.
    public func error(_ indices: [Int]) throws -> Double {
        let own = team?.share(indices).own ?? indices
        var sum = 0.0
        for group in EpochPlan.chunks(own, of: block * workers.count) {
            let parts = TrainingStep.split(group, into: workers.count)
            sum += try workers.map { worker -> Double in
                guard !parts[worker].isEmpty else { return 0 }
                return try withoutGradient { () throws -> Double in
                    let batch = try data.batch(parts[worker])
                    let z = encoded(batch).mean
                    let volumes = data.volumes(z, model, gain: gain)
                    let mask = data.mask(for: batch)
                    let errors = data.errors(z, volumes: volumes, batch, model, mask: mask)
                    return try (errors / data.areas(batch, mask: mask)).sum().item()
                }
            }.reduce(0, +)
        }
        if let team { sum = try team.sum(Tensor([sum], shape: [1]).to(data.device)).item() }
        return sum / Double(max(1, indices.count))
    }

    /// Volumes of codes, row-major [count, Z], in the stage's grid and units, times the mask.
    public func decode(_ codes: [Float], count: Int) throws -> [[Float]] {
        let size = codes.count / max(1, count)
        let side = data.geometry.volumeSide
        let mask = Tensor(data.mask, shape: [side, side, side]).to(data.device)
        return try (0..<count).map { row in
            try withoutGradient { () throws -> [Float] in
                let z = Tensor(Array(codes[(row * size)..<((row + 1) * size)]), shape: [1, size]).to(
                    data.device)
                return try (data.volumes(z, model, gain: gain) * mask).floats()
            }
        }
    }

    private func encoded(_ batch: ParticleBatch) -> (mean: Tensor, logSigma: Tensor) {
        model.encoder(data.pseudoVolumes(data.encoderImages(batch), batch), model.precision)
    }
}
