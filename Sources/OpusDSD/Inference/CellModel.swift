import Foundation

/// What one image says of its code within one cell, by the decoder made linear there.
///
/// Inside cell k a code is z = c + L u with u standard normal, and its volume V(c) + sum_d u_d J_d. The image
/// is then linear in u with white noise, so the posterior of u is normal:
///   (1 + A) u = b,  A = G^T G / T,  b = G^T (x - y) / T
/// with y the rendered V(c), G the rendered J and T the temperature of the likelihood.
struct CellPosterior {
    /// Natural logarithm of the evidence, less what is the same for all cells.
    let logEvidence: Double
    /// Mean of the code, [Z].
    let mean: [Double]
    /// Variance of each component of the code, [Z].
    let variance: [Double]

    init(logEvidence: Double, mean: [Double], variance: [Double]) {
        (self.logEvidence, self.mean, self.variance) = (logEvidence, mean, variance)
    }

    /// - Parameters:
    ///   - gram: inner products of the rows x, y, G_1 ... G_Z over the pixels, [Z + 2, Z + 2] row-major.
    ///   - centre: c, [Z]. - axes: L, [Z, Z].
    init(gram: ArraySlice<Float>, centre: ArraySlice<Float>, axes: [Double], temperature: Double) {
        let size = centre.count
        let side = size + 2
        func inner(_ i: Int, _ j: Int) -> Double { Double(gram[gram.startIndex + i * side + j]) }
        var precision = [Double](repeating: 0, count: size * size)
        var pull = [Double](repeating: 0, count: size)
        for i in 0..<size {
            for j in 0..<size {
                precision[i * size + j] = inner(i + 2, j + 2) / temperature + (i == j ? 1 : 0)
            }
            pull[i] = (inner(0, i + 2) - inner(1, i + 2)) / temperature
        }
        let cholesky = Cholesky(precision, order: size)
        let u = cholesky.solve(pull)
        let gained = zip(pull, u).reduce(0) { $0 + $1.0 * $1.1 }
        logEvidence =
            -(inner(1, 1) - 2 * inner(0, 1)) / (2 * temperature) + gained / 2
            - cholesky.logDeterminant / 2
        var mean = centre.map(Double.init)
        var variance = [Double](repeating: 0, count: size)
        for i in 0..<size {
            let row = Array(axes[(i * size)..<((i + 1) * size)])
            mean[i] += zip(row, u).reduce(0) { $0 + $1.0 * $1.1 }
            variance[i] = cholesky.forward(row).reduce(0) { $0 + $1 * $1 }
        }
        (self.mean, self.variance) = (mean, variance)
    }
}

/// A mixture of cell posteriors brought to one mean and one standard deviation a component.
struct MixedPosterior {
    private var parts: [(log: Double, posterior: CellPosterior)] = []

    mutating func add(_ posterior: CellPosterior, share: Double) {
        parts.append((posterior.logEvidence + log(max(share, 1e-9)), posterior))
    }

    /// Mean and log of the standard deviation, [Z] each; nil where nothing was added.
    var moments: (mean: [Double], logSigma: [Double])? {
        guard let top = parts.map(\.log).max(), let size = parts.first?.posterior.mean.count else {
            return nil
        }
        let weights = parts.map { exp($0.log - top) }
        let total = weights.reduce(0, +)
        var mean = [Double](repeating: 0, count: size)
        var square = [Double](repeating: 0, count: size)
        for (weight, part) in zip(weights, parts) {
            for d in 0..<size {
                let m = part.posterior.mean[d]
                mean[d] += weight / total * m
                square[d] += weight / total * (part.posterior.variance[d] + m * m)
            }
        }
        let logSigma = zip(mean, square).map { m, s in log(max(s - m * m, 1e-12)) / 2 }
        return (mean, logSigma)
    }
}
