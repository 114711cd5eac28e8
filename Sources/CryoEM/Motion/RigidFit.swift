import CryoIO
import Foundation

/// Finds where a domain has gone in the map of another state.
///
/// The motion is sought that gives the highest correlation of the domain's density with the map at the moved
/// points. From several starts, blurred maps are fitted first and sharper ones after, each by Gauss and
/// Newton's method with Levenberg's damping on the residuals after the best scale and offset. A mask also
/// holds what does not move with the domain, such as a linker, and other parts come into its place; from
/// the best fit on, points that stay far from the map therefore lose their weight (`RobustWeights`).
public struct RigidFit: Sendable {
    /// The motion from the domain's map to the other.
    public let motion: RigidTransform
    /// Correlation of the domain with the map, where it was and where it is found.
    public let startCorrelation: Double
    public let correlation: Double

    /// How a fit goes about it.
    public struct Settings: Sendable, Equatable, Codable {
        /// Low-pass filters of the steps, Angstrom, the coarsest first; those finer than the grid are left
        /// out.
        public var resolutions = [40.0, 25, 15, 10]
        /// Turns in degrees of the starts about each axis, in both directions.
        public var startAngles = [20.0, 45]
        /// Iterations of each blurred step, and of the last.
        public var coarseIterations = 12
        public var maximumIterations = 40
        /// Residuals beyond which a point has no weight, in robust standard deviations, round by round; none
        /// keeps the mask's weights.
        public var limits = [8.0, 6, 5, 4.685, 4.685, 4.685]
        /// Iterations of each of these rounds.
        public var robustIterations = 6

        public init() {}
    }

    private struct Candidate {
        var motion: RigidTransform
        var correlation: Double
    }

    /// - Parameters:
    ///   - base: the map the domain was cut from, its mask, and likewise filtered maps of it.
    ///   - target: the other state, in the same box.
    ///   - starts: motions to begin with besides rest and turns.
    public init(
        _ domain: FilteredDomain, in target: FilteredMap, starts: [RigidTransform] = [],
        settings: Settings = Settings()
    ) {
        let finest = domain.levels.count - 1
        let still = Self.correlation(
            domain.levels[finest], LinearSampler(target.levels[finest]), RigidTransform.identity)
        var candidates = (Self.starts(domain.centre, settings) + starts).map {
            Candidate(motion: $0, correlation: -1)
        }
        for level in domain.levels.indices {
            let iterations = level < finest ? settings.coarseIterations : settings.maximumIterations
            let sampler = LinearSampler(target.levels[level])
            candidates = candidates.map { candidate in
                Self.refined(candidate.motion, domain.levels[level], sampler, iterations)
            }
            // Starts that have run together or far behind need no finer fit.
            candidates.sort { $0.correlation > $1.correlation }
            candidates = Array(candidates.prefix(max(2, candidates.count / 4)))
        }
        let whole = domain.levels[finest]
        let sampler = SplineSampler(target.levels[finest])
        motion = Self.robust(candidates[0].motion, whole, sampler, settings)
        (correlation, startCorrelation) = (Self.correlation(whole, sampler, motion), still)
    }

    private static func robust(
        _ start: RigidTransform, _ whole: DomainTemplate, _ sampler: some MapSampler, _ settings: Settings
    ) -> RigidTransform {
        var motion = start
        var template = whole
        for limit in settings.limits {
            guard let weights = RobustWeights(template, whole, sampler, motion, limit: limit) else { break }
            template.weights = weights.values
            motion = refined(motion, template, sampler, settings.robustIterations).motion
        }
        return motion
    }

    private static func starts(_ centre: SIMD3<Double>, _ settings: Settings) -> [RigidTransform] {
        let axes: [SIMD3<Double>] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
        let turns = settings.startAngles.flatMap { angle in
            axes.flatMap { axis in
                [angle, -angle].map {
                    RigidTransform(rotation: Rotation(degrees: $0, about: axis), about: centre)
                }
            }
        }
        return [.identity] + turns
    }

    fileprivate static func correlation(
        _ template: DomainTemplate, _ sampler: some MapSampler, _ motion: RigidTransform
    ) -> Double {
        var sums = FitSums()
        for i in template.points.indices {
            sums.add(template.values[i], sampler.value(at: motion * template.points[i]), template.weights[i])
        }
        return sums.correlation
    }

    private static func refined(
        _ start: RigidTransform, _ template: DomainTemplate, _ sampler: some MapSampler, _ iterations: Int
    ) -> Candidate {
        var best = Candidate(motion: start, correlation: correlation(template, sampler, start))
        var damping = 1e-3
        for _ in 0..<iterations {
            guard let step = GaussNewton(template, sampler, best.motion).step(damping: damping) else { break }
            let next = step * best.motion
            let reached = correlation(template, sampler, next)
            if reached > best.correlation {
                let gain = reached - best.correlation
                best = Candidate(motion: next, correlation: reached)
                damping = max(1e-7, damping / 5)
                if gain < 1e-8 { break }
            } else {
                damping *= 10
                if damping > 1e6 { break }
            }
        }
        return best
    }
}

/// A domain at every filter of a fit.
public struct FilteredDomain: Sendable {
    let levels: [DomainTemplate]
    /// Of the domain in the finest map, Angstrom.
    public let centre: SIMD3<Double>

    public init(_ map: FilteredMap, mask: DensityMap, file: String? = nil) throws(DataError) {
        var made: [DomainTemplate] = []
        for (place, level) in map.levels.enumerated() {
            let most = place + 1 < map.levels.count ? 2000 : 10_000
            made.append(try DomainTemplate(level, mask: mask, file: file, most: most))
        }
        levels = made
        centre = made[made.count - 1].centre
    }

    /// Correlation of the domain with a map where it was, unmoved.
    public func correlation(with map: DensityMap) -> Double {
        RigidFit.correlation(levels[levels.count - 1], LinearSampler(map), RigidTransform.identity)
    }
}

/// A map at every filter of a fit, the last as it is.
public struct FilteredMap: Sendable {
    let levels: [DensityMap]

    public init(_ map: DensityMap, settings: RigidFit.Settings = RigidFit.Settings()) throws {
        let coarse = settings.resolutions.filter {
            $0 > 3 * map.pixelSize && $0 < Double(map.side) * map.pixelSize / 2
        }
        levels = try coarse.map { try RadialFilter.lowPass(map, resolution: $0) } + [map]
    }
}
