import CryoIO
import Foundation

/// Weighted sums of two sets of values.
struct FitSums {
    private var w = 0.0, x = 0.0, y = 0.0, xx = 0.0, yy = 0.0, xy = 0.0

    mutating func add(_ a: Double, _ b: Double, _ weight: Double) {
        w += weight
        x += weight * a
        y += weight * b
        xx += weight * a * a
        yy += weight * b * b
        xy += weight * a * b
    }

    var correlation: Double {
        let (vx, vy) = (xx - x * x / w, yy - y * y / w)
        return vx > 0 && vy > 0 ? (xy - x * y / w) / (vx * vy).squareRoot() : 0
    }

    /// Slope and offset of the line from b to a.
    var line: (slope: Double, offset: Double) {
        let vy = yy - y * y / w
        let slope = vy > 0 ? (xy - x * y / w) / vy : 0
        return (slope, (x - slope * y) / w)
    }
}

/// The normal equations of a small further motion of a domain: a turn about its centre and a displacement.
struct GaussNewton {
    private let matrix: [Double]
    private let right: [Double]
    private let pivot: SIMD3<Double>
    private let radius: Double

    init(_ template: DomainTemplate, _ sampler: some MapSampler, _ motion: RigidTransform) {
        var sums = FitSums()
        let samples = template.points.map { sampler.valueAndGradient(at: motion * $0) }
        for (i, sample) in samples.enumerated() {
            sums.add(template.values[i], sample.value, template.weights[i])
        }
        let (slope, offset) = sums.line
        pivot = motion * template.centre
        radius = template.radius
        var matrix = [Double](repeating: 0, count: 36)
        var right = [Double](repeating: 0, count: 6)
        for (i, sample) in samples.enumerated() {
            let arm = (motion * template.points[i] - pivot) / radius
            let g = slope * sample.gradient
            // d value / d turn = gradient · (turn x arm); turns are in units of 1/radius.
            let turn = SIMD3(arm.y * g.z - arm.z * g.y, arm.z * g.x - arm.x * g.z, arm.x * g.y - arm.y * g.x)
            let row = [turn.x, turn.y, turn.z, g.x, g.y, g.z]
            let rest = template.values[i] - slope * sample.value - offset
            let weight = template.weights[i]
            for a in 0..<6 {
                right[a] += weight * row[a] * rest
                for b in 0...a { matrix[a * 6 + b] += weight * row[a] * row[b] }
            }
        }
        for a in 0..<6 { for b in 0..<a { matrix[b * 6 + a] = matrix[a * 6 + b] } }
        (self.matrix, self.right) = (matrix, right)
    }

    /// The motion that solves the equations with their diagonal raised by a share; nil where they have no
    /// solution. Turns are kept below 15 degrees.
    func step(damping: Double) -> RigidTransform? {
        var damped = matrix
        for a in 0..<6 { damped[a * 6 + a] *= 1 + damping }
        guard let solved = Self.solve(damped, right) else { return nil }
        var turn = SIMD3(solved[0], solved[1], solved[2]) / radius
        var shift = SIMD3(solved[3], solved[4], solved[5])
        let angle = dot(turn, turn).squareRoot() * 180 / .pi
        if angle > 15 {
            turn *= 15 / angle
            shift *= 15 / angle
        }
        let degrees = dot(turn, turn).squareRoot() * 180 / .pi
        return RigidTransform(
            rotation: Rotation(degrees: degrees, about: turn), about: pivot, displacement: shift)
    }

    /// Gauss's elimination with pivots.
    private static func solve(_ matrix: [Double], _ right: [Double]) -> [Double]? {
        let n = right.count
        var (a, b) = (matrix, right)
        for column in 0..<n {
            let pivot =
                (column..<n).max { a[$0 * n + column].magnitude < a[$1 * n + column].magnitude } ?? column
            guard a[pivot * n + column].magnitude > 1e-300 else { return nil }
            if pivot != column {
                for k in 0..<n { a.swapAt(pivot * n + k, column * n + k) }
                b.swapAt(pivot, column)
            }
            for row in (column + 1)..<n {
                let factor = a[row * n + column] / a[column * n + column]
                for k in column..<n { a[row * n + k] -= factor * a[column * n + k] }
                b[row] -= factor * b[column]
            }
        }
        for row in (0..<n).reversed() {
            for k in (row + 1)..<n { b[row] -= a[row * n + k] * b[k] }
            b[row] /= a[row * n + row]
        }
        return b.allSatisfy(\.isFinite) ? b : nil
    }
}
