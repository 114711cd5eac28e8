import CryoIO
import Torch

/// The map at one place of a landscape, from the images that lie near it there (kernel regression as in
/// Gilles and Singer, Proc Natl Acad Sci USA 122, 2025).
///
/// Few images are like the place but noisy, many have little noise but are of other structures. How many are
/// the right number differs with frequency: more are taken from the shell on from which their half maps
/// correlate better with those of fewer, inside the mask and over halves that share no image.
public struct LocalReconstruction: Sendable {
    /// Densities in the units of the images.
    public var map: DensityMap
    /// Images that each shell 0, 1 ... N/2 of the map was taken from.
    public let counts: [Int]
    /// The share that the decoder's map has in each shell, 0 to 1.
    public let decoderShares: [Double]
}

/// Makes maps at places of a landscape from the particles of one set.
public final class LocalReconstructor {
    private let slices: ParticleSlices
    private let mask: Tensor
    private let workers: WorkerPool?
    private let shells: RadialShells
    /// The reconstruction from all images.
    private let all: Level

    /// Maps from one number of images.
    private struct Level {
        let count: Int
        /// Transforms of the two half maps inside the mask.
        let halves: (Tensor, Tensor)
        /// Transform of the map of both halves, divided as Wiener's filter.
        let map: Tensor
        /// Area under the correlation of the half maps, as a share of the perfect one.
        let agreement: Double
    }

    /// Half maps that agree less say nothing: more images are taken before any comparison.
    private static let leastAgreement = 0.2

    private var box: Int { slices.prepared.box }

    /// - Parameters:
    ///   - halves: half sets of all particles; nil takes `particles.halfSets()`.
    ///   - mask: inside it half maps are compared.
    ///   - workers: share the work; nil works on the caller's thread.
    ///   - progress: called with images done and images in all, of the reconstruction from all images.
    public init(
        _ particles: ParticleSet, _ prepared: PreparedParticles, halves: [Int]? = nil, mask: SolventMask,
        workers: WorkerPool? = nil, progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
    ) throws {
        let slices = ParticleSlices(
            particles: particles, prepared: prepared, halves: halves ?? particles.halfSets(),
            workers: workers, batch: 64)
        self.slices = slices
        self.workers = workers
        let side = prepared.box
        self.mask = Tensor(mask.map.values, shape: [side, side, side])
        shells = RadialShells(side: side, dimensions: 3)
        let sums = try Self.emptySums(side, workers)
        try withoutActuallyEscaping(progress) { progress in
            try Self.add(slices.reader(Array(0..<particles.count), progress: progress), to: sums)
        }
        all = try Self.level(sums, mask: self.mask, shells: shells)
    }

    /// Numbers of images that are tried, ascending, before all of them: doubled from a 64th of the set, but
    /// 64 at least.
    public static func counts(of particles: Int) -> [Int] {
        var counts = [max(64, particles / 64)]
        while counts[counts.count - 1] * 2 <= particles / 2 { counts.append(counts[counts.count - 1] * 2) }
        return counts.filter { $0 < particles }
    }

    /// - Parameters:
    ///   - rows: particles, the nearest first; as many as the largest of `counts(of:)`, more are not used.
    ///   - decoded: the decoder's map of the place, a second estimate beside that of the images; nil for
    ///     none.
    public func map(nearest rows: [Int], decoded: DensityMap? = nil) throws -> LocalReconstruction {
        let counts = Self.counts(of: slices.particles.count).filter { $0 <= rows.count }
        let sums = try Self.emptySums(box, workers)
        var best: Choice?
        var start = 0
        for count in counts {
            try Self.add(slices.reader(Array(rows[start..<count])), to: sums)
            start = count
            guard sums.allSatisfy({ $0.count > 0 }) else { continue }
            let level = try Self.level(sums, mask: mask, shells: shells)
            if best == nil {
                guard level.agreement >= Self.leastAgreement else { continue }
                best = try Choice(level.halves, level.map, count: count, shells: shells)
            } else {
                try best?.offer(level.halves, level.map, count: count)
            }
        }
        var choice = try best ?? Choice(all.halves, all.map, count: all.count, shells: shells)
        try choice.offer(all.halves, all.map, count: all.count)
        try decoded.map { try choice.join($0, mask: mask) }
        return LocalReconstruction(
            map: try density(choice.transform), counts: choice.counts, decoderShares: choice.decoderShares)
    }

    private func density(_ transform: Tensor) throws -> DensityMap {
        let values = try transform.irfftn([box, box, box], [0, 1, 2]).contiguous().checked()
        return DensityMap(
            cube: try SolventMask.softened(values).floats(), side: box,
            pixelSize: slices.prepared.pixelSize)
    }

    private static func emptySums(_ box: Int, _ workers: WorkerPool?) throws -> [SliceSums] {
        try (0..<2).map { _ in try SliceSums(box: box, workers: workers) }
    }

    private static func add(_ next: () throws -> [SliceBatch]?, to sums: [SliceSums]) throws {
        while let batches = try next() {
            for half in 1...2 {
                try sums[half - 1].insert(batches.map { ($0.slices, $0.weights(half: half)) })
            }
        }
    }

    private static func level(_ sums: [SliceSums], mask: Tensor, shells: RadialShells) throws -> Level {
        let halves = try sums.map { try ($0.volume() * mask).rfftn([0, 1, 2]).checked() }
        let agreement = FSC(
            values: try FSC.correlation(halves[0], halves[1], shells), side: shells.side, pixelSize: 1)
        let both = try sums[0].adding(sums[1])
        let map = try both.volume(prior: Reconstruction.prior(agreement, weights: both.meanWeights()))
        return Level(
            count: both.count, halves: (halves[0], halves[1]), map: try map.rfftn([0, 1, 2]).checked(),
            agreement: agreement.area)
    }
}

/// Of the candidates so far, the best in every shell: each is compared with the half maps of the best one
/// before, always with the half that it shares no image with.
private struct Choice {
    private(set) var transform: Tensor
    private(set) var counts: [Int]
    private(set) var decoderShares: [Double]
    private let shells: RadialShells
    /// Half maps of the best candidate of every shell.
    private var best: (Tensor, Tensor)
    private var power: [[Double]] = []
    private var scores: [Double] = []

    init(_ halves: (Tensor, Tensor), _ map: Tensor, count: Int, shells: RadialShells) throws {
        self.shells = shells
        (best, transform) = (halves, map)
        counts = Array(repeating: count, count: shells.count)
        decoderShares = Array(repeating: 0, count: shells.count)
        try weigh()
    }

    mutating func offer(_ halves: (Tensor, Tensor), _ map: Tensor, count: Int) throws {
        let own = try [halves.0, halves.1].map { try sums($0, $0) }
        let cross = try [sums(halves.0, best.1), sums(halves.1, best.0)]
        let both = try sums(halves.0, halves.1)
        // The finer the detail, the more images it takes: a number is taken from one shell on.
        let isBetter = Self.tail(
            of: scores.indices.map { k in
                let found = (Self.ratio(cross[0][k], own[0][k], power[1][k])
                    + Self.ratio(cross[1][k], own[1][k], power[0][k])) / 2
                return found * Self.gain(Self.ratio(both[k], own[0][k], own[1][k]))
            }, over: scores)
        guard isBetter.contains(true) else { return }
        for shell in counts.indices where isBetter[shell] { counts[shell] = count }
        let chosen = table(isBetter.map { $0 ? 1 : 0 }), kept = chosen * -1 + 1
        transform = try (map * chosen + transform * kept).checked()
        best = (
            try (halves.0 * chosen + best.0 * kept).checked(),
            try (halves.1 * chosen + best.1 * kept).checked()
        )
        try weigh()
    }

    /// Adds the decoder's map to that of the images, in every shell by the inverse variance of the errors of
    /// both: what the half maps and their correlation with the decoder's map say. Both are predictions of the
    /// truth, each damped by its own errors; the sum is damped by what is left of them.
    ///
    /// The decoder has learned from the images of both halves and follows some of their noise, so it counts
    /// half of what the correlation says.
    mutating func join(_ decoded: DensityMap, mask: Tensor) throws {
        let map = Tensor(decoded.values, shape: mask.shape)
        let masked = (map * mask).rfftn([0, 1, 2])
        let own = try wideSums(masked, masked), power = try [wideSums(best.0, best.0), wideSums(best.1, best.1)]
        let cross = try [wideSums(masked, best.0), wideSums(masked, best.1)], both = try wideSums(best.0, best.1)
        var (ofImages, ofDecoder) = ([Double](), [Double]())
        for k in counts.indices {
            let agreement = min(0.999, max(0.001, Self.ratio(both[k], power[0][k], power[1][k])))
            let found = (Self.ratio(cross[0][k], own[k], power[0][k]) + Self.ratio(cross[1][k], own[k], power[1][k])) / 2
            // Squared correlation with the truth, of the map of both halves and of the decoder's.
            let images = 2 * agreement / (1 + agreement)
            let decoder = min(0.999, max(0, found) * max(0, found) / max(agreement, 0.05))
            let (a, b) = (images / (1 - images), decoder / (1 - decoder) / 2)
            let factor = own[k] > 0 ? max(0, (cross[0][k] + cross[1][k]) / 2 / own[k]) : 0
            ofImages.append(1 / (1 - images) / (1 + a + b))
            ofDecoder.append(factor / (1 - decoder) / 2 / (1 + a + b))
            decoderShares[k] = b / (a + b)
        }
        transform = try (transform * table(ofImages) + map.rfftn([0, 1, 2]) * table(ofDecoder)).checked()
    }

    /// The shells from one on, so that `new` gains most over `old` there. A shell counts by its size and by
    /// how far it correlates at all: where there is noise alone, differences mean nothing.
    private static func tail(of new: [Double], over old: [Double]) -> [Bool] {
        var (sum, best, from) = (0.0, 0.0, new.count)
        for k in new.indices.reversed() {
            sum += (new[k] - old[k]) * max(0, new[k], old[k]) * Double(k)
            if sum > best { (best, from) = (sum, k) }
        }
        return new.indices.map { $0 >= from }
    }

    /// Correlation of the best candidate's two halves, as that of the map of both with one.
    private mutating func weigh() throws {
        power = try [sums(best.0, best.0), sums(best.1, best.1)]
        let both = try sums(best.0, best.1)
        scores = both.indices.map { k in
            let agreement = Self.ratio(both[k], power[0][k], power[1][k])
            return agreement * Self.gain(agreement)
        }
    }

    /// By how much the map of both halves correlates better than each, as it has half the noise.
    private static func gain(_ agreement: Double) -> Double { (2 / (1 + min(1, max(0, agreement)))).squareRoot() }

    private static func ratio(_ cross: Double, _ a: Double, _ b: Double) -> Double {
        a > 0 && b > 0 ? cross / (a * b).squareRoot() : 0
    }

    /// Real part of a times the conjugate of b, summed over every shell.
    private func sums(_ a: Tensor, _ b: Tensor) throws -> [Double] {
        try shells.sums(a.real() * b.real() + a.imaginary() * b.imaginary()).doubles()
    }

    /// Sums over a shell and those about it, the more the finer they are.
    private func wideSums(_ a: Tensor, _ b: Tensor) throws -> [Double] {
        let all = try sums(a, b)
        return all.indices.map { k in
            let reach = 1 + k / 8
            return all[max(0, k - reach)...min(all.count - 1, k + reach)].reduce(0, +)
        }
    }

    /// A value of each shell at every frequency; beyond the last shell that of the last.
    private func table(_ values: [Double]) -> Tensor {
        let all = (values + [values[values.count - 1]]).map { Float($0) }
        return Tensor(all, shape: [all.count]).indexSelect(0, shells.index).reshape(transform.shape)
    }
}
