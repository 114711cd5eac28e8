import Foundation

/// The similarity 1 / (1 + a d^(2b)) of two rows at distance d in the layout.
///
/// a and b are the least-squares fit, at 300 distances from 0 to three times the spread, to the curve that is
/// 1 up to the minimum distance and falls off exponentially beyond it (umap-learn's `find_ab_params`).
struct LayoutCurve: Equatable {
    let a: Double
    let b: Double

    /// Levenberg-Marquardt from a = b = 1.
    init(minimumDistance: Double, spread: Double) {
        let samples: [(x: Double, y: Double)] = (0..<300).map { k in
            let x = 3 * spread * Double(k) / 299
            return (x, x < minimumDistance ? 1 : exp(-(x - minimumDistance) / spread))
        }
        var a = 1.0
        var b = 1.0
        var damping = 1e-3
        var error = Self.squaredError(samples, a, b)
        for _ in 0..<200 {
            let step = Self.step(samples, a, b, damping)
            let trial = Self.squaredError(samples, a + step.a, b + step.b)
            if trial < error {
                let gain = error - trial
                a += step.a
                b += step.b
                error = trial
                damping = max(damping / 10, 1e-12)
                if gain <= 1e-15 * error { break }
            } else {
                damping *= 10
                if damping > 1e12 { break }
            }
        }
        self.a = a
        self.b = b
    }

    private static func squaredError(_ samples: [(x: Double, y: Double)], _ a: Double, _ b: Double) -> Double
    {
        samples.reduce(0) { sum, sample in
            let residual = 1 / (1 + a * pow(sample.x, 2 * b)) - sample.y
            return sum + residual * residual
        }
    }

    private static func step(
        _ samples: [(x: Double, y: Double)], _ a: Double, _ b: Double, _ damping: Double
    ) -> (a: Double, b: Double) {
        var (aa, ab, bb, ga, gb) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for (x, y) in samples where x > 0 {
            let power = pow(x, 2 * b)
            let value = 1 / (1 + a * power)
            let da = -value * value * power
            let db = da * a * 2 * log(x)
            let residual = value - y
            aa += da * da
            ab += da * db
            bb += db * db
            ga += da * residual
            gb += db * residual
        }
        let (p, q) = (aa * (1 + damping), bb * (1 + damping))
        let determinant = p * q - ab * ab
        guard determinant != 0 else { return (0, 0) }
        return (-(q * ga - ab * gb) / determinant, -(p * gb - ab * ga) / determinant)
    }
}
