import CryoEM
import Foundation
import Torch

/// The terms of one step's objective, each as printed and logged.
public struct ObjectiveTerms: Sendable, Equatable {
    /// Mean over the images of the error, per pixel of the mask's area; less the part that the prediction
    /// cannot change.
    public var reconstruction = 0.0
    public var divergence = 0.0
    public var intraClass = 0.0
    public var interClass = 0.0
    public var totalVariation = 0.0
    public var meanAbsolute = 0.0
    /// What is minimized.
    public var total = 0.0
    public var gradientNorm = 0.0

    public static let names = [
        "reconstruction", "divergence", "intraClass", "interClass", "totalVariation", "meanAbsolute", "total",
        "gradientNorm",
    ]
    public var values: [Double] {
        [
            reconstruction, divergence, intraClass, interClass, totalVariation, meanAbsolute, total,
            gradientNorm,
        ]
    }
}

/// A loss or a gradient that is no number: which term, and for which particles.
public struct NonFiniteLoss: Error, CustomStringConvertible, Sendable {
    public let term: String
    /// Zero-based particle numbers.
    public let particles: [Int]
    public let step: Int
    public var description: String {
        let rows = particles.prefix(8).map { "\($0 + 1)" }.joined(separator: ", ")
        return """
            the \(term) is not finite at step \(step); particles (data rows) \(rows)\(particles.count > 8 ? ", ..." : ""). \
            The last good state is in checkpoint/latest.safetensors. Look at these images, and start a new run with a \
            smaller learning rate (--set stages.0.learningRate=...) or a smaller optimizer.clip.
            """
    }
}

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
    let augmentation: InputAugmentation
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
        let reconstruction: Double, totalVariation: Double, meanAbsolute: Double
        let perImage: Tensor
    }

    /// Gradients of the objective for `parameters`, with its terms. Updates the memory bank.
    public func gradients(
        _ indices: [Int], for parameters: [Parameter], bank: MemoryBank, step: Int, beta: Double,
        trainsEncoder: Bool
    ) throws -> (gradients: [Tensor?], terms: ObjectiveTerms) {
        let parts = Self.split(indices, into: workers.count)
        let encoded = try workers.map { worker in try encode(parts[worker], step: step) }.compactMap { $0 }
        let mean = Tensor.cat(encoded.map { $0.mean.detached() })
        let logSigma = Tensor.cat(encoded.map { $0.logSigma.detached() })
        if trainsEncoder { try bank.update(Tensor(indices: indices).to(data.device), mean) }

        var terms = ObjectiveTerms()
        let codes = try codeTerms(
            mean, logSigma, classes: Tensor.cat(encoded.map(\.batch.classes)), bank: bank, step: step,
            beta: beta, into: &terms)

        let offsets = encoded.indices.map { k in encoded[..<k].reduce(0) { $0 + $1.batch.indices.count } }
        let total = indices.count
        let decoded = try workers.map { worker -> Decoded? in
            guard worker < encoded.count else { return nil }
            let part = encoded[worker]
            let count = part.batch.indices.count
            return try decode(
                part, meanWeight: codes.mean.narrow(0, offsets[worker], count),
                logSigmaWeight: codes.logSigma.narrow(0, offsets[worker], count),
                share: Double(count) / Double(total), parameters: parameters, step: step,
                trainsEncoder: trainsEncoder)
        }.compactMap { $0 }

        terms.reconstruction = decoded.reduce(0) { $0 + $1.reconstruction }
        terms.totalVariation = decoded.reduce(0) { $0 + $1.totalVariation }
        terms.meanAbsolute = decoded.reduce(0) { $0 + $1.meanAbsolute }
        let o = configuration.objective
        let area = data.largestArea
        terms.total =
            terms.reconstruction
            + (o.lambdaKL * beta * terms.divergence + o.lambda * beta * (terms.intraClass + terms.interClass)
                + o.lambdaTV * terms.totalVariation + o.lambdaL1 * terms.meanAbsolute) / area
        let summed = Self.sum(decoded.map(\.gradients))
        terms.gradientNorm = try globalNorm(summed).item()
        try check(terms, step: step, indices: indices, errors: decoded.map(\.perImage))
        return (summed, terms)
    }

    /// Consecutive parts of nearly equal size; empty ones where there are more workers than images.
    static func split(_ indices: [Int], into count: Int) -> [[Int]] {
        (0..<count).map { part in
            Array(indices[(indices.count * part / count)..<(indices.count * (part + 1) / count)])
        }
    }

    private func encode(_ indices: [Int], step: Int) throws -> Encoded? {
        guard !indices.isEmpty else { return nil }
        let batch = try data.batch(indices)
        if let fixedCodes {
            let rows = Tensor(indices: indices).to(data.device)
            return Encoded(
                batch: batch, mean: try fixedCodes.mean.indexSelect(0, rows).checked(),
                logSigma: try fixedCodes.logSigma.indexSelect(0, rows).checked())
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

    /// KL and the disentanglement prior of the whole batch, and their gradient for mu and log sigma.
    private func codeTerms(
        _ mean: Tensor, _ logSigma: Tensor, classes: Tensor, bank: MemoryBank, step: Int, beta: Double,
        into terms: inout ObjectiveTerms
    ) throws -> (mean: Tensor, logSigma: Tensor) {
        let o = configuration.objective
        let mu = try mean.requiringGradient()
        let ls = try logSigma.requiringGradient()
        let divergence = kullbackLeibler(mean: mu, logSigma: ls)
        var sum = o.lambdaKL * beta * divergence
        terms.divergence = try divergence.item()
        if o.lambda > 0 && fixedCodes == nil {
            let intra = prior.intraClass(mu, classes: classes)
            let inter = prior.interClass(
                mu, classes: classes, bank: bank.candidates(configuration.prior.candidates, step: step))
            sum = sum + (o.lambda * beta) * (intra + inter)
            (terms.intraClass, terms.interClass) = (try intra.item(), try inter.item())
        }
        let found = try Torch.gradients(of: sum / data.largestArea, for: [mu, ls])
        let zeros = mean * 0
        return (found[0] ?? zeros, found[1] ?? zeros)
    }

    private func decode(
        _ part: Encoded, meanWeight: Tensor, logSigmaWeight: Tensor, share: Double, parameters: [Parameter],
        step: Int,
        trainsEncoder: Bool
    ) throws -> Decoded {
        let z = reparameterized(
            mean: part.mean, logSigma: part.logSigma, noise: noise(part.batch.indices, part.mean, step: step))
        let (volumes, raw) = data.volumes(z, model, gain: gain)
        let errors = data.errors(z, volumes: volumes, part.batch, model)
        let area = data.areas(part.batch)
        let loss = (errors / area).mean() * share
        var objective = loss
        var tv = 0.0
        var l1 = 0.0
        let o = configuration.objective
        if o.lambdaTV > 0 || o.lambdaL1 > 0 {
            let prior = VolumePrior.evaluate(raw, in: data.priorRange)
            let (meanTV, meanL1) = (prior.totalVariation.mean() * share, prior.meanAbsolute.mean() * share)
            objective = objective + (o.lambdaTV * meanTV + o.lambdaL1 * meanL1) / data.largestArea
            (tv, l1) = (try meanTV.item(), try meanL1.item())
        }
        let outputs = trainsEncoder ? [objective, part.mean, part.logSigma] : [objective]
        let weights: [Tensor?] = trainsEncoder ? [nil, meanWeight, logSigmaWeight] : [nil]
        let found = try Torch.gradients(of: outputs, weights: weights, for: parameters.map(\.tensor))
        return Decoded(
            gradients: found, reconstruction: try loss.item(), totalVariation: tv, meanAbsolute: l1,
            perImage: errors.detached())
    }

    private func noise(_ indices: [Int], _ like: Tensor, step: Int) -> Tensor {
        let size = like.size(1)
        var values = [Double](repeating: 0, count: indices.count * size)
        for (row, index) in indices.enumerated() {
            for d in 0..<size {
                values[row * size + d] = random.normal(.latentNoise, item: index, step * size + d)
            }
        }
        return Tensor(values, shape: [indices.count, size]).to(like.dtype).to(like.device)
    }

    private static func sum(_ parts: [[Tensor?]]) -> [Tensor?] {
        guard let first = parts.first else { return [] }
        return first.indices.map { k in
            let present = parts.compactMap { $0[k] }
            guard let head = present.first else { return nil }
            return present.dropFirst().reduce(head, +)
        }
    }

    private func check(_ terms: ObjectiveTerms, step: Int, indices: [Int], errors: [Tensor]) throws {
        guard let bad = zip(ObjectiveTerms.names, terms.values).first(where: { !$1.isFinite })?.0 else {
            return
        }
        let values = try Tensor.cat(errors).doubles()
        let named = zip(indices, values).filter { !$1.isFinite }.map(\.0)
        throw NonFiniteLoss(term: bad, particles: named.isEmpty ? indices : named, step: step)
    }
}
