import Foundation

/// The densities of a mixture's components, ready to be evaluated at many points.
struct MixtureDensity: Sendable {
    let count: Int
    let columns: Int
    /// Inverse Cholesky factors of the covariances, lower triangles by rows, `[components, d (d + 1) / 2]`.
    private let factors: Storage<Double>
    /// Factor times mean, `[components, d]`.
    private let offsets: Storage<Double>
    /// ln weight + ln |factor| - d/2 ln 2 pi, `[components]`.
    private let constants: Storage<Double>

    /// - Parameter mean: taken off the points beforehand, `[d]`.
    /// - Throws: `LatentError` for a covariance that is not positive definite.
    init(_ components: [GaussianMixture.Component], mean: [Double]) throws(LatentError) {
        count = components.count
        columns = mean.count
        let d = mean.count
        let triangle = d * (d + 1) / 2
        factors = Storage(repeating: 0, count: count * triangle)
        offsets = Storage(repeating: 0, count: count * d)
        constants = Storage(repeating: 0, count: count)
        for (k, component) in components.enumerated() {
            let factor = try Self.inverseFactor(component.covariance, order: d)
            var logDeterminant = 0.0
            for i in 0..<d {
                var sum = 0.0
                for j in 0...i {
                    factors.base[k * triangle + i * (i + 1) / 2 + j] = factor[i * d + j]
                    sum += factor[i * d + j] * (component.mean[j] - mean[j])
                }
                offsets.base[k * d + i] = sum
                logDeterminant += log(factor[i * d + i])
            }
            constants.base[k] =
                log(max(component.weight, .leastNormalMagnitude)) + logDeterminant
                - Double(d) / 2 * log(2 * .pi)
        }
    }

    /// ln of the mixture's density at a point, and the components' posterior probabilities there.
    @inline(__always)
    func posterior(_ point: UnsafePointer<Float>, _ posterior: inout [Double]) -> Double {
        let d = columns
        let triangle = d * (d + 1) / 2
        var top = -Double.infinity
        for k in 0..<count {
            let factor = factors.base + k * triangle
            let offset = offsets.base + k * d
            var square = 0.0
            var place = 0
            for i in 0..<d {
                var sum = -offset[i]
                for j in 0...i { sum += factor[place + j] * Double(point[j]) }
                place += i + 1
                square += sum * sum
            }
            posterior[k] = constants.base[k] - square / 2
            top = max(top, posterior[k])
        }
        var total = 0.0
        for k in 0..<count {
            posterior[k] = exp(posterior[k] - top)
            total += posterior[k]
        }
        for k in 0..<count { posterior[k] /= total }
        return top + log(total)
    }

    /// Inverse of the lower Cholesky factor of a covariance, `[d, d]` row-major, zero above the diagonal.
    private static func inverseFactor(_ covariance: [Double], order d: Int) throws(LatentError) -> [Double] {
        var lower = [Double](repeating: 0, count: d * d)
        for i in 0..<d {
            for j in 0...i {
                var sum = covariance[i * d + j]
                for k in 0..<j { sum -= lower[i * d + k] * lower[j * d + k] }
                if i == j {
                    guard sum > 0 else {
                        throw LatentError(
                            .undefined, "a component of the Gaussian mixture has no width along some axis",
                            remedy: "Ask for fewer components or more regularisation")
                    }
                    lower[i * d + i] = sum.squareRoot()
                } else {
                    lower[i * d + j] = sum / lower[j * d + j]
                }
            }
        }
        var inverse = [Double](repeating: 0, count: d * d)
        for column in 0..<d {
            for i in column..<d {
                var sum = i == column ? 1.0 : 0.0
                for k in column..<i { sum -= lower[i * d + k] * inverse[k * d + column] }
                inverse[i * d + column] = sum / lower[i * d + i]
            }
        }
        return inverse
    }
}
