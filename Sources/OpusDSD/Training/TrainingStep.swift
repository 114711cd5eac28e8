import CryoEM
import Foundation
import Torch

/// One update: encode, compare codes, decode and render, differentiate, step (paper, Methods; METHOD 3).
///
/// A batch is split over workers by images. The encoding and the decoding run in parallel; terms that compare
/// codes with each other see the whole batch in between, so the split changes no formula. With
///   L = L_rec + (lambda_KL beta KL + lambda beta (Eq. 5 + Eq. 6) + lambda_tv TV + lambda_L1 L1) / M
/// the gradient of the code terms with respect to mu and log sigma is handed to the workers' backward pass
/// as a weight.
public struct TrainingStep: Sendable {
    let configuration: Configuration
    let data: StageData
    let model: Model
    let workers: WorkerPool
    let random: CounterRandom
    private let terms: CodeTerms
    package let augmentation: InputAugmentation
    let gain: Double
    /// Images that a worker holds at once; 0: all of its part.
    private let atOnce: Int
    /// The processes that share every batch; nil where this one trains alone.
    let team: Team?
    /// Codes of all images where the encoder stays as it is: mean and log sigma, [N, Z(+Za)] each.
    private let fixedCodes: (mean: Tensor, logSigma: Tensor)?

    public init(
        _ configuration: Configuration, data: StageData, model: Model, workers: WorkerPool,
        fixedCodes: Codes? = nil, team: Team? = nil
    ) {
        self.team = team
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
        terms = CodeTerms(prior: StructuralDisentanglement(configuration.prior), workers: workers)
        augmentation = InputAugmentation(configuration.augmentation, seed: configuration.seed)
        gain = data.outputGain(configuration.model)
        atOnce = configuration.numerics.imagesAtOnce
    }

    private struct Encoded: Sendable {
        let batch: ParticleBatch
        let mean: Tensor, logSigma: Tensor
        let step: Int
    }
    private struct Decoded: Sendable {
        /// Of the parameters behind the codes, and of mu and log sigma where the encoder learns.
        let gradients: [Tensor?]
        let codes: [Tensor]
        /// Reconstruction, total variation, mean absolute density: the part's share, float64 [3].
        let terms: Tensor
        let errors: Tensor
    }

    /// The batch of a step, with the images of this process read.
    public func batch(_ indices: [Int]) throws -> StepBatch { try batch(PlannedBatch(indices)) }

    package func batch(_ planned: PlannedBatch) throws -> StepBatch {
        try StepBatch(planned, data, workers: workers.count, team: team)
    }

    /// What a worker has found of its part.
    private struct Part: Sendable {
        let encoded: Encoded
        /// Gradients of the terms of codes for the part's own; where codes are not compared, these terms' share.
        let codes: CodeTerms.Found
        let decoded: Decoded
        /// Gradients of the encoder's parameters, where a worker goes on to them.
        let ahead: [Tensor?]
    }

    /// Gradients of the objective for `parameters`, and its terms, which nobody waits for. Updates the memory
    /// bank.
    ///
    /// In a team every process sees the codes of the whole batch, so that the terms that compare codes, and
    /// the memory bank, are the same on each; the gradients of the decoder travel while those of the encoder
    /// are found. Alone, a worker goes on from the decoder to the encoder without waiting for the others, and
    /// where nothing compares codes it goes all the way from its images.
    public func gradients(
        _ batch: StepBatch, for parameters: [Parameter], bank: MemoryBank, step: Int, beta: Double,
        trainsEncoder: Bool
    ) throws -> (gradients: [Tensor?], record: StepRecord) {
        let places = parameters.indices.filter { !parameters[$0].name.hasPrefix("encoder.") }
        let ahead = parameters.indices.filter { parameters[$0].name.hasPrefix("encoder.") }
        let behindCodes = places.map { parameters[$0] }
        let learns = trainsEncoder ? ahead.map { parameters[$0] } : []
        let total = batch.indices.count

        var whole: (encoded: [Encoded], codes: CodeTerms.Found)?
        if team != nil || comparesCodes {
            let encoded = try workers.map { worker -> Encoded? in
                worker < batch.parts.count ? try encode(batch.parts[worker], step: step) : nil
            }.compactMap { $0 }
            let (mean, logSigma) = try wholeCodes(encoded, batch)
            if trainsEncoder { try bank.update(batch.rows, mean) }
            let codes = try codeTerms(
                mean, logSigma, classes: batch.classes, bank: bank, step: step, beta: beta)
            whole = (encoded, codes)
        }
        let found = try workers.map { [whole] worker -> Part? in
            guard worker < batch.parts.count else { return nil }
            let encoded = try whole?.encoded[worker] ?? encode(batch.parts[worker], step: step)
            let count = encoded.batch.indices.count
            let codes: CodeTerms.Found
            if let whole {
                let from = batch.first + batch.parts[..<worker].reduce(0) { $0 + $1.indices.count }
                codes = whole.codes.part(from, count)
            } else {
                codes = try codeTerms(
                    encoded.mean.detached(), encoded.logSigma.detached(), classes: encoded.batch.classes,
                    nil, beta: beta, share: Double(count) / Double(total))
            }
            let decoded = try decode(
                encoded, parameters: behindCodes, total: total, trainsEncoder: trainsEncoder)
            let ahead =
                try team == nil && trainsEncoder
                ? encoderGradients(encoded, behind: decoded.codes, codes: codes, parameters: learns) : []
            return Part(encoded: encoded, codes: codes, decoded: decoded, ahead: ahead)
        }.compactMap { $0 }
        if whole == nil && trainsEncoder {
            try bank.update(batch.rows, try wholeCodes(found.map(\.encoded), batch).mean)
        }
        var gradients = [Tensor?](repeating: nil, count: parameters.count)
        let behind = try startSum(found.map(\.decoded.gradients), of: behindCodes)
        if trainsEncoder {
            let parts =
                team == nil
                ? found.map(\.ahead)
                : try workers.map { worker in
                    guard worker < found.count else { return nil }
                    let part = found[worker]
                    return try encoderGradients(
                        part.encoded, behind: part.decoded.codes, codes: part.codes, parameters: learns)
                }.compactMap { $0 }
            let sum = try startSum(parts, of: learns)
            for (place, gradient) in zip(ahead, try sum.finish()) { gradients[place] = gradient }
        }
        for (place, gradient) in zip(places, try behind.finish()) { gradients[place] = gradient }
        let none = Tensor.zeros([3], .float64, on: data.device)
        let ofCodes = whole?.codes.terms ?? found.reduce(none) { $0 + $1.codes.terms }
        return (
            gradients, try record(batch, found.map(\.decoded), ofCodes, gradients, step: step, beta: beta)
        )
    }

    /// What the step leaves to be read: terms of the whole batch, errors of the own images.
    private func record(
        _ batch: StepBatch, _ decoded: [Decoded], _ ofCodes: Tensor, _ gradients: [Tensor?], step: Int,
        beta: Double
    ) throws -> StepRecord {
        let none = Tensor.zeros([3], .float64, on: data.device)
        var ofImages = decoded.first.map { decoded.dropFirst().reduce($0.terms) { $0 + $1.terms } } ?? none
        if let team { ofImages = try team.sum(ofImages) }
        let values = Tensor.cat([ofImages, ofCodes, globalNorm(gradients).to(.float64).reshape([1])])
        let o = configuration.objective
        let weights = [o.lambdaTV, o.lambdaL1, o.lambdaKL * beta, o.lambda * beta, o.lambda * beta]
        let own = batch.parts.flatMap(\.indices)
        let errors = decoded.isEmpty ? .zeros([0], on: data.device) : Tensor.cat(decoded.map(\.errors))
        return StepRecord(
            step: step, indices: own, count: batch.indices.count, values: try values.checked(),
            errors: errors,
            weights: weights.map { $0 / data.largestArea })
    }

    /// mu and log sigma of the whole batch, [B, Z(+Za)] each, cut off from the encoder.
    private func wholeCodes(_ encoded: [Encoded], _ batch: StepBatch) throws -> (
        mean: Tensor, logSigma: Tensor
    ) {
        let width = model.encoder.mean.bias.count
        func own(_ part: (Encoded) -> Tensor) -> Tensor {
            encoded.isEmpty
                ? .zeros([0, width], model.encoder.mean.bias.dtype, on: data.device)
                : Tensor.cat(encoded.map { part($0).detached() })
        }
        let (mean, logSigma) = (own(\.mean), own(\.logSigma))
        guard let team else { return (mean, logSigma) }
        let whole = try team.gathered(
            Tensor.cat([mean, logSigma], 1), first: batch.first, count: batch.indices.count)
        return (whole.narrow(1, 0, width).contiguous(), whole.narrow(1, width, width).contiguous())
    }

    /// Gradients of the encoder's parameters, from those of the codes.
    private func encoderGradients(
        _ part: Encoded, behind: [Tensor], codes: CodeTerms.Found, parameters: [Parameter]
    ) throws -> [Tensor?] {
        let weights = [behind[0] + codes.mean, behind[1] + codes.logSigma]
        let pieces = part.batch.pieces(of: atOnce)
        if pieces.count == 1 {
            return try Torch.gradients(
                of: [part.mean, part.logSigma], weights: weights, for: parameters.map(\.tensor))
        }
        var sum: [Tensor?] = []
        var first = 0
        for piece in pieces {
            let found = try self.codes(piece, step: part.step)
            let count = piece.indices.count
            let more = try Torch.gradients(
                of: [found.mean, found.logSigma], weights: weights.map { $0.narrow(0, first, count) },
                for: parameters.map(\.tensor))
            sum = try Self.sum(sum.isEmpty ? [more] : [sum, more])
            first += count
        }
        return sum
    }

    /// Consecutive parts of nearly equal size; empty ones where there are more workers than images.
    package static func split<Element>(_ list: [Element], into count: Int) -> [[Element]] {
        (0..<count).map { part in
            Array(list[(list.count * part / count)..<(list.count * (part + 1) / count)])
        }
    }

    private func encode(_ batch: ParticleBatch, step: Int) throws -> Encoded {
        if let fixedCodes {
            return Encoded(
                batch: batch, mean: try fixedCodes.mean.indexSelect(0, batch.rows).checked(),
                logSigma: try fixedCodes.logSigma.indexSelect(0, batch.rows).checked(), step: step)
        }
        let pieces = batch.pieces(of: atOnce)
        if pieces.count == 1 {
            let (mean, logSigma) = try codes(batch, step: step)
            return Encoded(batch: batch, mean: mean, logSigma: logSigma, step: step)
        }
        let found = try withoutGradient { () throws in try pieces.map { try codes($0, step: step) } }
        return Encoded(
            batch: batch, mean: try Tensor.cat(found.map(\.mean)).requiringGradient(),
            logSigma: try Tensor.cat(found.map(\.logSigma)).requiringGradient(), step: step)
    }

    /// mu and log sigma of images as the encoder sees them in a step.
    private func codes(_ batch: ParticleBatch, step: Int) throws -> (mean: Tensor, logSigma: Tensor) {
        let volumes = withoutGradient {
            let images = data.encoderImages(batch, keep: augmentation.keep(batch, step: step))
            return data.pseudoVolumes(
                augmentation.adjusted(images, batch, step: step), batch,
                tilts: augmentation.tilts(batch, step: step))
        }
        let (mean, logSigma) = model.encoder(volumes, model.precision)
        return (try mean.checked(), try logSigma.checked())
    }

    /// Whether terms of the objective compare the codes of a batch with each other and with the memory bank.
    private var comparesCodes: Bool { configuration.objective.lambda > 0 && fixedCodes == nil }

    /// KL and the disentanglement prior of the whole batch, and their gradients for mu and log sigma.
    package func codeTerms(
        _ mean: Tensor, _ logSigma: Tensor, classes: Tensor, bank: MemoryBank, step: Int, beta: Double
    ) throws -> CodeTerms.Found {
        let candidates =
            comparesCodes ? bank.candidates(configuration.prior.candidates, step: step) : nil
        return try codeTerms(mean, logSigma, classes: classes, candidates, beta: beta, share: 1)
    }

    /// The same; without candidates of a part that is this share of the batch.
    private func codeTerms(
        _ mean: Tensor, _ logSigma: Tensor, classes: Tensor, _ candidates: MemoryBank.Candidates?,
        beta: Double, share: Double
    ) throws -> CodeTerms.Found {
        let o = configuration.objective
        return try terms.evaluate(
            mean, logSigma, classes: classes, candidates: candidates,
            divergenceWeight: o.lambdaKL * beta / data.largestArea,
            priorWeight: o.lambda * beta / data.largestArea, share: share)
    }

    /// Decodes, renders and compares a part of `total` images, and differentiates back to the codes: as many
    /// images at a time as are to be held at once.
    private func decode(
        _ part: Encoded, parameters: [Parameter], total: Int, trainsEncoder: Bool
    ) throws -> Decoded {
        var first = 0
        var sum: Decoded?
        for piece in part.batch.pieces(of: atOnce) {
            let found = try decode(
                piece, of: part, from: first, parameters: parameters, total: total,
                trainsEncoder: trainsEncoder)
            first += piece.indices.count
            guard let before = sum else {
                sum = found
                continue
            }
            sum = Decoded(
                gradients: try Self.sum([before.gradients, found.gradients]),
                codes: zip(before.codes, found.codes).map { $0 + $1 },
                terms: before.terms + found.terms, errors: Tensor.cat([before.errors, found.errors]))
        }
        guard let sum else { throw TorchError("a part of a batch has no images") }
        return sum
    }

    private func decode(
        _ batch: ParticleBatch, of part: Encoded, from first: Int, parameters: [Parameter], total: Int,
        trainsEncoder: Bool
    ) throws -> Decoded {
        let count = batch.indices.count
        let share = Double(count) / Double(total)
        func own(_ codes: Tensor) -> Tensor {
            count == part.batch.indices.count ? codes : codes.narrow(0, first, count)
        }
        let z =
            batch.volumeCodes
            ?? reparameterized(
                mean: own(part.mean), logSigma: own(part.logSigma),
                noise: noise(batch, part.mean, step: part.step))
        let o = configuration.objective
        let hasPriors = o.lambdaTV > 0 || o.lambdaL1 > 0
        let (volumes, densities): (Tensor, Tensor?) =
            hasPriors
            ? data.volumesAndDensities(z, model, gain: gain)
            : (data.volumes(z, model, gain: gain), nil)
        let mask = data.mask(for: batch)
        let errors = data.errors(z, volumes: volumes, batch, model, mask: mask)
        let loss = (errors / data.areas(batch, mask: mask)).mean() * share
        var objective = loss
        var terms = [loss]
        if let densities {
            let prior = VolumePrior.evaluate(densities, in: data.priorRange)
            let (meanTV, meanL1) = (prior.totalVariation.mean() * share, prior.meanAbsolute.mean() * share)
            objective = objective + (o.lambdaTV * meanTV + o.lambdaL1 * meanL1) / data.largestArea
            terms += [meanTV, meanL1]
        } else {
            terms += [.zeros([], loss.dtype, on: data.device), .zeros([], loss.dtype, on: data.device)]
        }
        let codes = trainsEncoder ? [part.mean, part.logSigma] : []
        let found = try Torch.gradients(
            of: [objective], weights: [nil], for: parameters.map(\.tensor) + codes)
        let ofCodes = zip(found.suffix(codes.count), codes).map { $0 ?? $1.detached() * 0 }
        return Decoded(
            gradients: Array(found.dropLast(codes.count)), codes: ofCodes, terms: Self.stacked(terms),
            errors: errors.detached())
    }

    /// Scalars as float64 [n], without gradient.
    private static func stacked(_ scalars: [Tensor]) -> Tensor {
        Tensor.stack(scalars.map { $0.detached() }).to(.float64)
    }

    private func noise(_ batch: ParticleBatch, _ like: Tensor, step: Int) -> Tensor {
        let size = like.size(1)
        return random.normals(.latentNoise, items: batch.rows, first: step * size, count: size).to(like.dtype)
    }
}
