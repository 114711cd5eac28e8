import Foundation

/// What one image says of its code within a cell, its pose and its contrast, by the prediction made linear.
///
/// The unknowns are t = (u, p, c): the code's place u in the cell (`CellPosterior`), p = (turn about x, y, z;
/// shift along x, y) and the contrast less 1. About t_0 = (0, p_0, s - 1) the image is
/// s x + s G u + s P (p - p_0) + x (c - s + 1) and white noise of variance 1: x the prediction of the cell's
/// centre at p_0, G and P its derivatives. So t is normal under a normal prior of precision D about 0:
///   (A + D) t = b,  A = J^T J,  b = J^T r,  J = (s G, s P, x),  r = y - s x + J t_0
struct JointLikelihood {
    /// Unknowns of the pose and the contrast.
    static let poseSize = 6
    /// A, [n, n] row-major, and b, [n].
    let precision: [Double], pull: [Double]
    /// |r|^2 / 2.
    let misfit: Double

    var size: Int { pull.count }
    private var codeSize: Int { size - Self.poseSize }

    /// - Parameters:
    ///   - gram: inner products of the rows y, x, G_1 ... G_Z, P_1 ... P_5 over the pixels, row-major.
    ///   - pose: p_0 and s - 1, [6].
    init(gram: ArraySlice<Float>, codeSize: Int, pose: [Double]) {
        let n = codeSize + Self.poseSize
        let side = n + 1
        func inner(_ i: Int, _ j: Int) -> Double { Double(gram[gram.startIndex + i * side + j]) }
        let contrast = 1 + pose[5]
        let known = [Double](repeating: 0, count: codeSize) + pose
        // Row of the Gram matrix and factor of each column of J.
        let columns = (0..<n).map { $0 < n - 1 ? (row: $0 + 2, factor: contrast) : (row: 1, factor: 1.0) }
        var precision = [Double](repeating: 0, count: n * n)
        var pull = [Double](repeating: 0, count: n)
        // r = y - s x + J t_0, so that |r|^2 = |y - s x|^2 + 2 (y - s x)^T J t_0 + |J t_0|^2.
        var square = inner(0, 0) - 2 * contrast * inner(0, 1) + contrast * contrast * inner(1, 1)
        for (i, a) in columns.enumerated() {
            let along = a.factor * (inner(0, a.row) - contrast * inner(1, a.row))
            var moved = 0.0
            for (j, b) in columns.enumerated() {
                precision[i * n + j] = a.factor * b.factor * inner(a.row, b.row)
                moved += precision[i * n + j] * known[j]
            }
            pull[i] = along + moved
            square += known[i] * (2 * along + moved)
        }
        (self.precision, self.pull) = (precision, pull)
        misfit = square / 2
    }

    private init(precision: [Double], pull: [Double], misfit: Double) {
        (self.precision, self.pull, self.misfit) = (precision, pull, misfit)
    }

    /// The same where squared errors count 1 / temperature.
    func tempered(_ temperature: Double) -> JointLikelihood {
        JointLikelihood(
            precision: precision.map { $0 / temperature }, pull: pull.map { $0 / temperature },
            misfit: misfit / temperature)
    }

    /// Of inner products in single precision, relative: unknowns that are hard to tell apart must not come
    /// out as if known better than exactly.
    private static let rounding = 1e-6

    struct Posterior {
        /// [n]
        let mean: [Double]
        /// Lower Cholesky factor of A + D.
        let factor: Cholesky
        /// Natural logarithm of the evidence, less what is the same for all cells.
        let logEvidence: Double

        /// Variance of the value that has these weights on the unknowns.
        func variance(_ weights: [Double]) -> Double { factor.forward(weights).reduce(0) { $0 + $1 * $1 } }
    }

    func posterior(_ prior: PosePrior) -> Posterior {
        var sum = precision
        var logPrior = 0.0
        for d in 0..<size {
            let variance = d < codeSize ? 1 : prior.variances[d - codeSize]
            sum[d * size + d] += 1 / variance + Self.rounding * precision[d * size + d]
            logPrior -= log(variance)
        }
        let factor = Cholesky(sum, order: size)
        let mean = factor.solve(pull)
        let gained = zip(pull, mean).reduce(0) { $0 + $1.0 * $1.1 }
        return Posterior(
            mean: mean, factor: factor,
            logEvidence: -misfit + gained / 2 + (logPrior - factor.logDeterminant) / 2)
    }

    /// Mean squares of the pose's unknowns under the posterior, [6].
    func poseSquares(_ prior: PosePrior) -> [Double] {
        let posterior = posterior(prior)
        return (codeSize..<size).map { d in
            let unit = (0..<size).map { $0 == d ? 1.0 : 0 }
            return posterior.mean[d] * posterior.mean[d] + posterior.variance(unit)
        }
    }
}
