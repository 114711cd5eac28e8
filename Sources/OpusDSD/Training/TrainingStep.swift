import CryoEM
import Foundation
import Torch

/// One update: encode, compare codes, decode and render, differentiate, step (paper, Methods; METHOD 3).
///
/// A batch is split over workers by images. The encoding and the decoding run in parallel; the terms that
/// compare codes
/// with each other see the whole batch in between, so the split changes no formula. With
///   L = L_rec + (lambda_KL beta KL + lambda beta (Eq. 5 + Eq. 6) + lambda_tv TV + lambda_L1 L1) / M
/// the gradient of the code terms with respect to mu and log sigma is handed to the workers' backward pass
/// as a weight.
public struct TrainingStep: Sendable {
    let configuration: Configuration
    let data: StageData
    let model: Model
    let workers: WorkerPool
    let random: CounterRandom
    let prior: StructuralDisentanglement
    package let augmentation: InputAugmentation
    let gain: Double
    /// Codes of all images where the encoder stays as it is: mean and log sigma, [N, Z(+Za)] each.
    private let fixedCodes: (mean: Tensor, logSigma: Tensor)?

    public init(
        _ configuration: Configuration, data: StageData, model: Model, workers: WorkerPool,
        fixedCodes: Codes? = nil
    ) {
        self.fixedCodes = fixedCodes.map { codes in
            let shape = [codes.count, codes.width]
            return (
                Tensor(codes.mean, shape: shape).to(data.device),
                Tensor(codes.logSigma, shape: shape).to(data.device)
            )
        }
        self.configuration = configuration
        self.data = data
        self.model = model
        self.workers = workers
        random = CounterRandom(seed: configuration.seed)
        prior = StructuralDisentanglement(configuration.prior)
        augmentation = InputAugmentation(configuration.augmentation, seed: configuration.seed)
        gain = data.outputGain(configuration.model)
    }

    private struct Encoded: Sendable {
        let batch: ParticleBatch
        let mean: Tensor, logSigma: Tensor
    }
    private struct Decoded: Sendable {
        let gradients: [Tensor?]
        /// Reconstruction, total variation, mean absolute density: the part's share, float64 [3].
        let terms: Tensor
        let errors: Tensor
    }

    /// The batch of a step, a part for each worker; empty parts are left out.
    public func parts(_ indices: [Int]) throws -> [ParticleBatch] {
        try Self.split(indices, into: workers.count).filter { !$0.isEmpty }.map(data.batch)
    }

    /// Gradients of the objective for `parameters`, and its terms, which nobody waits for. Updates the memory bank.
    ///
    /// - Parameter parts: at most one for each worker.
    public func gradients(
        _ parts: [ParticleBatch], for parameters: [Parameter], bank: MemoryBank, step: Int, beta: Double,
        trainsEncoder: Bool
    ) throws -> (gradients: [Tensor?], record: StepRecord) {
        let encoded = try workers.map { worker -> Encoded? in
            worker < parts.count ? try encode(parts[worker], step: step) : nil
        }.compactMap { $0 }
        let mean = Tensor.cat(encoded.map { $0.mean.detached() })
        let logSigma = Tensor.cat(encoded.map { $0.logSigma.detached() })
        if trainsEncoder { try bank.update(Tensor.cat(parts.map(\.rows)), mean) }
        let codes = try codeTerms(
            mean, logSigma, classes: Tensor.cat(parts.map(\.classes)), bank: bank, step: step, beta: beta)

        let offsets = parts.indices.map { k in parts[..<k].reduce(0) { $0 + $1.indices.count } }
        let indices = parts.flatMap(\.indices)
        let decoded = try workers.map { worker -> Decoded? in
            guard worker < encoded.count else { return nil }
            let part = encoded[worker]
            let count = part.batch.indices.count
            return try decode(
                part, meanWeight: codes.mean.narrow(0, offsets[worker], count),
                logSigmaWeight: codes.logSigma.narrow(0, offsets[worker], count),
                share: Double(count) / Double(indices.count), parameters: parameters, step: step,
                trainsEncoder: trainsEncoder)
        }.compactMap { $0 }

        let summed = Self.sum(decoded.map(\.gradients))
        let ofParts = decoded.map(\.terms)
        let values = Tensor.cat([
            ofParts.dropFirst().reduce(ofParts[0], +), codes.terms,
            globalNorm(summed).to(.float64).reshape([1]),
        ])
        let o = configuration.objective
        let weights = [o.lambdaTV, o.lambdaL1, o.lambdaKL * beta, o.lambda * beta, o.lambda * beta]
        let record = StepRecord(
            step: step, indices: indices, values: try values.checked(),
            errors: Tensor.cat(decoded.map(\.errors)), weights: weights.map { $0 / data.largestArea })
        return (summed, record)
    }

    /// Consecutive parts of nearly equal size; empty ones where there are more workers than images.
    package static func split(_ indices: [Int], into count: Int) -> [[Int]] {
        (0..<count).map { part in
            Array(indices[(indices.count * part / count)..<(indices.count * (part + 1) / count)])
        }
    }

    private func encode(_ batch: ParticleBatch, step: Int) throws -> Encoded {
        if let fixedCodes {
            return Encoded(
                batch: batch, mean: try fixedCodes.mean.indexSelect(0, batch.rows).checked(),
                logSigma: try fixedCodes.logSigma.indexSelect(0, batch.rows).checked())
        }
        let volumes = withoutGradient {
            let images = data.encoderImages(batch, keep: augmentation.keep(batch, step: step))
            return data.pseudoVolumes(
                augmentation.adjusted(images, batch, step: step), batch,
                tilts: augmentation.tilts(batch, step: step))
        }
        let (mean, logSigma) = model.encoder(volumes, model.precision)
        return Encoded(batch: batch, mean: try mean.checked(), logSigma: try logSigma.checked())
    }

    /// KL and the disentanglement prior of the whole batch, float64 [3], and their gradient for mu and log sigma.
    package func codeTerms(
        _ mean: Tensor, _ logSigma: Tensor, classes: Tensor, bank: MemoryBank, step: Int, beta: Double
    ) throws -> (mean: Tensor, logSigma: Tensor, terms: Tensor) {
        let o = configuration.objective
        let mu = try mean.requiringGradient()
        let ls = try logSigma.requiringGradient()
        let divergence = kullbackLeibler(mean: mu, logSigma: ls)
        var sum = o.lambdaKL * beta * divergence
        var terms = [divergence]
        if o.lambda > 0 && fixedCodes == nil {
            let intra = prior.intraClass(mu, classes: classes)
            let inter = prior.interClass(
                mu, classes: classes, bank: bank.candidates(configuration.prior.candidates, step: step))
            sum = sum + (o.lambda * beta) * (intra + inter)
            terms += [intra, inter]
        } else {
            terms += [.zeros([], mu.dtype, on: mu.device), .zeros([], mu.dtype, on: mu.device)]
        }
        let found = try Torch.gradients(of: sum / data.largestArea, for: [mu, ls])
        let zeros = mean * 0
        return (found[0] ?? zeros, found[1] ?? zeros, Self.stacked(terms))
    }

    private func decode(
        _ part: Encoded, meanWeight: Tensor, logSigmaWeight: Tensor, share: Double, parameters: [Parameter],
        step: Int,
        trainsEncoder: Bool
    ) throws -> Decoded {
        let z = reparameterized(
            mean: part.mean, logSigma: part.logSigma, noise: noise(part.batch, part.mean, step: step))
        let (volumes, raw) = data.volumes(z, model, gain: gain)
        let mask = data.mask(for: part.batch)
        let errors = data.errors(z, volumes: volumes, part.batch, model, mask: mask)
        let loss = (errors / data.areas(part.batch, mask: mask)).mean() * share
        var objective = loss
        var terms = [loss]
        let o = configuration.objective
        if o.lambdaTV > 0 || o.lambdaL1 > 0 {
            let prior = VolumePrior.evaluate(raw, in: data.priorRange)
            let (meanTV, meanL1) = (prior.totalVariation.mean() * share, prior.meanAbsolute.mean() * share)
            objective = objective + (o.lambdaTV * meanTV + o.lambdaL1 * meanL1) / data.largestArea
            terms += [meanTV, meanL1]
        } else {
            terms += [.zeros([], loss.dtype, on: data.device), .zeros([], loss.dtype, on: data.device)]
        }
        let outputs = trainsEncoder ? [objective, part.mean, part.logSigma] : [objective]
        let weights: [Tensor?] = trainsEncoder ? [nil, meanWeight, logSigmaWeight] : [nil]
        let found = try Torch.gradients(of: outputs, weights: weights, for: parameters.map(\.tensor))
        return Decoded(gradients: found, terms: Self.stacked(terms), errors: errors.detached())
    }

    /// Scalars as float64 [n], without gradient.
    private static func stacked(_ scalars: [Tensor]) -> Tensor {
        Tensor.stack(scalars.map { $0.detached() }).to(.float64)
    }

    private func noise(_ batch: ParticleBatch, _ like: Tensor, step: Int) -> Tensor {
        let size = like.size(1)
        return random.normals(.latentNoise, items: batch.rows, first: step * size, count: size).to(like.dtype)
    }

    private static func sum(_ parts: [[Tensor?]]) -> [Tensor?] {
        guard let first = parts.first else { return [] }
        return first.indices.map { k in
            let present = parts.compactMap { $0[k] }
            guard let head = present.first else { return nil }
            return present.dropFirst().reduce(head, +)
        }
    }
}
