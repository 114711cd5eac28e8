import CryoIO
import Foundation

/// Finds where a domain has gone in the map of another state.
///
/// The motion is sought that gives the highest correlation of the domain's density with the map at the moved
/// points. From several starts, blurred maps are fitted first and sharper ones after, each by Gauss and
/// Newton's method with Levenberg's damping on the residuals after the best scale and offset.
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
            domain.levels[finest], PointSampler(target.levels[finest]), RigidTransform.identity)
        var candidates = (Self.starts(domain.centre, settings) + starts).map {
            Candidate(motion: $0, correlation: -1)
        }
        for level in domain.levels.indices {
            let iterations = level < finest ? settings.coarseIterations : settings.maximumIterations
            let sampler = PointSampler(target.levels[level])
            candidates = candidates.map { candidate in
                Self.refined(candidate.motion, domain.levels[level], sampler, iterations)
            }
            // Starts that have run together or far behind need no finer fit.
            candidates.sort { $0.correlation > $1.correlation }
            candidates = Array(candidates.prefix(max(2, candidates.count / 4)))
        }
        let best = candidates[0]
        (motion, correlation, startCorrelation) = (best.motion, best.correlation, still)
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

    private static func correlation(
        _ template: DomainTemplate, _ sampler: PointSampler, _ motion: RigidTransform
    ) -> Double {
        var sums = FitSums()
        for i in template.points.indices {
            sums.add(template.values[i], sampler.value(at: motion * template.points[i]), template.weights[i])
        }
        return sums.correlation
    }

    private static func refined(
        _ start: RigidTransform, _ template: DomainTemplate, _ sampler: PointSampler, _ iterations: Int
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
