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
            try SliceSums.insert(slices.reader(Array(0..<particles.count), progress: progress), halves: sums)
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
        var best: ShellChoice?
        var start = 0
        for count in counts {
            try SliceSums.insert(slices.reader(Array(rows[start..<count])), halves: sums)
            start = count
            guard sums.allSatisfy({ $0.count > 0 }) else { continue }
            let level = try Self.level(sums, mask: mask, shells: shells)
            if best == nil {
                guard level.agreement >= Self.leastAgreement else { continue }
                best = try ShellChoice(level.halves, level.map, count: count, shells: shells)
            } else {
                try best?.offer(level.halves, level.map, count: count)
            }
        }
        var choice = try best ?? ShellChoice(all.halves, all.map, count: all.count, shells: shells)
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
