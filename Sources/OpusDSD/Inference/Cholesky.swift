import Foundation

/// The lower factor L of a small symmetric positive definite matrix, A = L L^T, in Float64.
struct Cholesky {
    let order: Int
    /// [order, order] row-major; zero above the diagonal.
    private(set) var factor: [Double]

    /// - Parameter matrix: [order, order] row-major; the lower triangle is read. A pivot that rounding made
    ///   negative counts as the smallest normal number.
    init(_ matrix: [Double], order n: Int) {
        order = n
        factor = [Double](repeating: 0, count: n * n)
        for i in 0..<n {
            for j in 0...i {
                var sum = matrix[i * n + j]
                for k in 0..<j { sum -= factor[i * n + k] * factor[j * n + k] }
                factor[i * n + j] =
                    i == j
                    ? max(sum, .leastNormalMagnitude).squareRoot() : sum / factor[j * n + j]
            }
        }
    }

    /// L^-1 b.
    func forward(_ b: [Double]) -> [Double] {
        var x = b
        for i in 0..<order {
            for k in 0..<i { x[i] -= factor[i * order + k] * x[k] }
            x[i] /= factor[i * order + i]
        }
        return x
    }

    /// A^-1 b.
    func solve(_ b: [Double]) -> [Double] {
        var x = forward(b)
        for i in stride(from: order - 1, through: 0, by: -1) {
            for k in (i + 1)..<max(order, i + 1) { x[i] -= factor[k * order + i] * x[k] }
            x[i] /= factor[i * order + i]
        }
        return x
    }

    /// ln |A|.
    var logDeterminant: Double {
        (0..<order).reduce(0) { $0 + 2 * log(factor[$1 * order + $1]) }
    }
}
