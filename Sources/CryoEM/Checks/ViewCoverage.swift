import Foundation

/// How the view directions of a set are spread, and what that means for reconstruction and for the
/// disentanglement prior.
public struct ViewCoverage: Sendable, Encodable, Equatable {
    /// Side of the HEALPix grid that directions are counted on: 768 pixels of about 7°.
    public static let grid = HEALPix(nside: 8)

    /// Particles in each pixel of the grid, nested order.
    public let counts: [Int]
    /// Particles in each of the prior's 48 view classes.
    public let classes: [Int]
    /// Share of the grid's pixels that have a view, of either direction of the axis.
    public let covered: Double
    /// Number of classes, equally filled, that would have the same entropy.
    public let effectiveClasses: Double
    /// Sampling compensation factor: the harmonic mean, over directions of Fourier space, of how often slices
    /// pass there, over its mean. 1 for even views; 0 where a direction is never seen (Baldwin and Lyumkis,
    /// Prog Biophys Mol Biol 150, 2020).
    public let samplingFactor: Double

    /// - Parameter angles: rot, tilt and psi in degrees; rows with NaN are left out.
    public init(_ angles: [SIMD3<Double>]) {
        var counts = [Int](repeating: 0, count: Self.grid.pixelCount)
        for angle in angles where angle.x.isFinite && angle.y.isFinite {
            let d = EulerAngles(rot: angle.x, tilt: angle.y, psi: 0).viewDirection
            counts[Self.grid.nested(theta: atan2(hypot(d.x, d.y), d.z), phi: atan2(d.y, d.x))] += 1
        }
        self.counts = counts
        // Nested pixels of the coarser grid are runs of the finer one's.
        let run = Self.grid.pixelCount / ViewClass.count
        classes = (0..<ViewClass.count).map { counts[$0 * run..<($0 + 1) * run].reduce(0, +) }
        let total = Double(max(1, counts.reduce(0, +)))
        let entropy = classes.reduce(0.0) { sum, n in
            n == 0 ? sum : sum - Double(n) / total * log(Double(n) / total)
        }
        effectiveClasses = exp(entropy)
        let directions = counts.indices.map { pixel -> SIMD3<Double> in
            let (theta, phi) = Self.grid.direction(nested: pixel)
            return SIMD3(sin(theta) * cos(phi), sin(theta) * sin(phi), cos(theta))
        }
        covered = Self.covered(counts, directions)
        samplingFactor = Self.samplingFactor(counts, directions)
    }

    /// A view from behind shows the mirrored image: no new information.
    private static func covered(_ counts: [Int], _ directions: [SIMD3<Double>]) -> Double {
        let seen = counts.indices.count { pixel in
            let d = -directions[pixel]
            let back = grid.nested(theta: atan2(hypot(d.x, d.y), d.z), phi: atan2(d.y, d.x))
            return counts[pixel] > 0 || counts[back] > 0
        }
        return Double(seen) / Double(counts.count)
    }

    /// A slice passes through all directions at right angles to its view, within half a pixel of the grid.
    private static func samplingFactor(_ counts: [Int], _ directions: [SIMD3<Double>]) -> Double {
        let used = counts.indices.filter { counts[$0] > 0 }
        var (sum, inverse) = (0.0, 0.0)
        for direction in directions {
            let passes = used.reduce(0.0) {
                $0 + (abs(dot(directions[$1], direction)) < 0.064 ? Double(counts[$1]) : 0)
            }
            guard passes > 0 else { return 0 }
            sum += passes
            inverse += 1 / passes
        }
        let count = Double(directions.count)
        return count * count / (sum * inverse)
    }

    /// Classes without a particle, and classes with some but fewer than `least`.
    public func poorClasses(least: Int) -> (empty: Int, small: Int) {
        (classes.count { $0 == 0 }, classes.count { $0 > 0 && $0 < least })
    }
}
