import CryoEM
import Foundation

/// A batch as it is planned: which images, and the codes of the volumes that they share.
package struct PlannedBatch: Sendable, Equatable {
    /// Zero-based particle numbers; those of a volume follow each other.
    package let indices: [Int]
    /// Codes of the volumes, row-major; empty where every image has a volume of its own.
    package let codes: [Float]
    /// Images that see a volume.
    package let imagesPerVolume: Int

    package init(_ indices: [Int], codes: [Float] = [], imagesPerVolume: Int = 1) {
        (self.indices, self.codes, self.imagesPerVolume) = (indices, codes, imagesPerVolume)
    }

    /// Places of the images in `count` parts of nearly equal size that cut no volume.
    package func split(into count: Int) -> [Range<Int>] {
        let volumes = indices.count / imagesPerVolume
        return (0..<count).map { part in
            (volumes * part / count * imagesPerVolume)..<(volumes * (part + 1) / count * imagesPerVolume)
        }
    }

    package func part(_ places: Range<Int>) -> PlannedBatch {
        let width = indices.isEmpty ? 0 : codes.count * imagesPerVolume / indices.count
        let volumes = (places.lowerBound / imagesPerVolume)..<(places.upperBound / imagesPerVolume)
        return PlannedBatch(
            Array(indices[places]),
            codes: Array(codes[(volumes.lowerBound * width)..<(volumes.upperBound * width)]),
            imagesPerVolume: imagesPerVolume)
    }
}

/// The batches of an epoch where codes of images are known and kept: several images see one volume.
///
/// A step without sharing draws an image, then a code from the image's posterior, and decodes a volume for
/// it: pairs (i, z) of density q_i(z) / N. The same pairs come the other way round: a code from the mean of all
/// posteriors, one volume, then images with the probability q_i(z) / sum_k q_k(z) that the code is theirs. So
/// the objective is the same, and decoding, most of the cost, is done once for several images.
///
/// Drawn so independently, some images would be seen several times in an epoch and others not at all, as if
/// there were fewer. Codes are therefore drawn from posteriors of images that the epoch has not shown, and
/// images that it has shown are rarely taken again. `docs/quality.md` has what sharing saves and costs.
package struct SharedVolumes {
    package let training: [Int]
    /// Images that see a volume, and volumes of a step.
    let imagesPerVolume: Int, volumesPerStep: Int
    private let random: CounterRandom
    /// Images among which those of a volume are sought.
    private static let block = 4096

    package init(_ plan: EpochPlan, sampling: Configuration.Sampling, seed: UInt64) {
        training = plan.training
        imagesPerVolume = max(1, min(sampling.imagesPerVolume, sampling.batch, training.count))
        volumesPerStep = max(1, sampling.batch / imagesPerVolume)
        random = CounterRandom(seed: seed)
    }

    private var blocks: Int { (training.count + Self.block - 1) / Self.block }

    /// Volumes of an epoch: as many as give every image one look on average.
    private var volumes: Int {
        TrainingStep.split(training, into: blocks).reduce(0) { $0 + volumes(of: $1.count) }
    }

    private func volumes(of images: Int) -> Int { (images + imagesPerVolume - 1) / imagesPerVolume }

    package var imagesPerEpoch: Int { volumes * imagesPerVolume }
    package var batchesPerEpoch: Int { (volumes + volumesPerStep - 1) / volumesPerStep }

    package func batches(epoch: Int, codes: Codes) -> [PlannedBatch] {
        var generator = random.generator(.sharing, item: epoch)
        let order = training.shuffled(using: &generator)
        var found: [(code: [Float], images: [Int])] = []
        for rows in TrainingStep.split(order, into: blocks) {
            var posteriors = Posteriors(codes, rows: rows)
            for _ in 0..<volumes(of: rows.count) {
                let first = posteriors.firstUnseen()
                let code = posteriors.code(first) {
                    random.normal(.sharedCodes, item: rows[first], epoch * codes.width + $0)
                }
                let start = Double.random(in: 0..<1, using: &generator)
                found.append((code, posteriors.images(imagesPerVolume, at: code, first: first, start: start)))
            }
        }
        found.shuffle(using: &generator)
        return EpochPlan.chunks(found, of: volumesPerStep).map { volumes in
            PlannedBatch(
                volumes.flatMap(\.images), codes: volumes.flatMap(\.code), imagesPerVolume: imagesPerVolume)
        }
    }
}

/// Normal posteriors of the codes of some images, and how often an epoch has shown each.
private struct Posteriors {
    private let rows: [Int]
    private let width: Int
    private let mean: [Float], precision: [Float], logSigma: [Float]
    private var seen: [Int]
    private var place = 0
    /// What having been seen once more in the epoch multiplies the chance of an image with.
    private static let again = 0.01
    /// ln of a density relative to the highest, below which an image is never taken.
    private static let neverLess: Float = -30

    init(_ codes: Codes, rows: [Int]) {
        (self.rows, width) = (rows, codes.width)
        let own = codes.selecting(rows)
        (mean, logSigma) = (own.mean, own.logSigma)
        precision = own.logSigma.map { exp(-2 * $0) }
        seen = [Int](repeating: 0, count: rows.count)
    }

    /// The first image that has not been seen; the last one where all have.
    mutating func firstUnseen() -> Int {
        while place < rows.count - 1 && seen[place] > 0 { place += 1 }
        return place
    }

    /// A code from the posterior of image number `k`.
    /// - Parameter normal: standard normal values.
    func code(_ k: Int, _ normal: (Int) -> Double) -> [Float] {
        (0..<width).map { d in mean[k * width + d] + exp(logSigma[k * width + d]) * Float(normal(d)) }
    }

    /// Images that see the volume of a code: the first, and others by systematic sampling of q_i(z), less
    /// where they have been seen.
    /// - Parameter start: uniform in [0, 1).
    mutating func images(_ count: Int, at code: [Float], first: Int, start: Double) -> [Int] {
        seen[first] += 1
        let logs = logDensities(at: code)
        let top = logs.max() ?? 0
        let weights = zip(logs, seen).map { log, seen -> Double in
            let less = log - top
            guard less > Self.neverLess else { return 0 }
            return Double(exp(less)) * (seen == 0 ? 1 : pow(Self.again, Double(seen)))
        }
        let step = weights.reduce(0, +) / Double(max(1, count - 1))
        var chosen = [first]
        var (next, sum) = (start * step, 0.0)
        for (k, weight) in weights.enumerated() {
            sum += weight
            while sum > next && chosen.count < count {
                chosen.append(k)
                seen[k] += 1
                next += step
            }
        }
        // Rounding may leave the last one out.
        while chosen.count < count { chosen.append(chosen[0]) }
        return chosen.map { rows[$0] }
    }

    /// ln q_i(z) but for a constant.
    private func logDensities(at code: [Float]) -> [Float] {
        rows.indices.map { k in
            var sum: Float = 0
            for d in 0..<width {
                let difference = code[d] - mean[k * width + d]
                sum -= 0.5 * difference * difference * precision[k * width + d] + logSigma[k * width + d]
            }
            return sum
        }
    }
}
