import CryoIO

/// Values and gradients of a map at any place, 0 outside of it.
protocol MapSampler {
    /// - Parameter point: Angstrom, in the coordinates of the map. The gradient is per Angstrom.
    func valueAndGradient(at point: SIMD3<Double>) -> (value: Double, gradient: SIMD3<Double>)
}

extension MapSampler {
    func value(at point: SIMD3<Double>) -> Double { valueAndGradient(at: point).value }
}

/// Linear interpolation between eight voxels: quick, and a little blurred between them.
struct LinearSampler: MapSampler {
    private let values: [Float]
    private let side: Int
    private let origin: SIMD3<Double>
    private let scale: Double

    init(_ map: DensityMap) {
        (values, side, origin, scale) = (map.values, map.side, map.origin, 1 / map.pixelSize)
    }

    func valueAndGradient(at point: SIMD3<Double>) -> (value: Double, gradient: SIMD3<Double>) {
        let p = (point - origin) * scale
        let low = p.rounded(.down)
        guard low.min() >= 0, low.max() < Double(side - 1) else { return (0, .zero) }
        let f = p - low
        let base = (Int(low.z) * side + Int(low.y)) * side + Int(low.x)
        func v(_ x: Int, _ y: Int, _ z: Int) -> Double { Double(values[base + (z * side + y) * side + x]) }
        let (v000, v100, v010, v110) = (v(0, 0, 0), v(1, 0, 0), v(0, 1, 0), v(1, 1, 0))
        let (v001, v101, v011, v111) = (v(0, 0, 1), v(1, 0, 1), v(0, 1, 1), v(1, 1, 1))
        let (x00, x10) = (v000 + f.x * (v100 - v000), v010 + f.x * (v110 - v010))
        let (x01, x11) = (v001 + f.x * (v101 - v001), v011 + f.x * (v111 - v011))
        let (y0, y1) = (x00 + f.y * (x10 - x00), x01 + f.y * (x11 - x01))
        let dx0 = (1 - f.y) * (v100 - v000) + f.y * (v110 - v010)
        let dx1 = (1 - f.y) * (v101 - v001) + f.y * (v111 - v011)
        let gradient = SIMD3(
            (1 - f.z) * dx0 + f.z * dx1, (1 - f.z) * (x10 - x00) + f.z * (x11 - x01), y1 - y0)
        return (y0 + f.z * (y1 - y0), gradient * scale)
    }
}

/// Interpolation by cubic B-splines through the voxels (Unser 1999): as sharp between voxels as on them.
struct SplineSampler: MapSampler {
    private let coefficients: [Double]
    private let side: Int
    private let origin: SIMD3<Double>
    private let scale: Double

    init(_ map: DensityMap) {
        (side, origin, scale) = (map.side, map.origin, 1 / map.pixelSize)
        var values = map.values.map(Double.init)
        let n = map.side
        values.withUnsafeMutableBufferPointer { buffer in
            for stride in [1, n, n * n] {
                for line in 0..<n * n {
                    // The first voxel of the line: the two other indices of the volume.
                    let first =
                        stride == 1 ? line * n : stride == n ? line / n * n * n + line % n : line
                    Self.filter(buffer, first: first, stride: stride, count: n)
                }
            }
        }
        coefficients = values
    }

    private static let pole = 3.0.squareRoot() - 2

    /// Values of a line to coefficients of its spline, mirrored at its ends.
    private static func filter(
        _ values: UnsafeMutableBufferPointer<Double>, first: Int, stride: Int, count: Int
    ) {
        guard count > 1 else { return }
        func at(_ k: Int) -> Int { first + k * stride }
        // The pole's powers die out: 30 of them are below the precision of the map.
        var (sum, power) = (values[at(0)], pole)
        for k in 1..<min(count, 30) {
            sum += power * values[at(k)]
            power *= pole
        }
        values[at(0)] = 6 * sum
        for k in 1..<count { values[at(k)] = 6 * values[at(k)] + pole * values[at(k - 1)] }
        values[at(count - 1)] =
            pole / (pole * pole - 1) * (values[at(count - 1)] + pole * values[at(count - 2)])
        for k in (0..<count - 1).reversed() {
            values[at(k)] = pole * (values[at(k + 1)] - values[at(k)])
        }
    }

    func valueAndGradient(at point: SIMD3<Double>) -> (value: Double, gradient: SIMD3<Double>) {
        let p = (point - origin) * scale
        let low = p.rounded(.down)
        guard low.min() >= 1, low.max() < Double(side - 2) else { return (0, .zero) }
        let f = p - low
        let (wx, wy, wz) = (Self.weights(f.x), Self.weights(f.y), Self.weights(f.z))
        let (dx, dy, dz) = (Self.slopes(f.x), Self.slopes(f.y), Self.slopes(f.z))
        let base = ((Int(low.z) - 1) * side + Int(low.y) - 1) * side + Int(low.x) - 1
        var value = 0.0
        var gradient = SIMD3<Double>.zero
        coefficients.withUnsafeBufferPointer { c in
            for z in 0..<4 {
                for y in 0..<4 {
                    let row = base + (z * side + y) * side
                    let four = SIMD4(c[row], c[row + 1], c[row + 2], c[row + 3])
                    let (along, change) = ((four * wx).sum(), (four * dx).sum())
                    value += wz[z] * wy[y] * along
                    gradient += SIMD3(wz[z] * wy[y] * change, wz[z] * dy[y] * along, dz[z] * wy[y] * along)
                }
            }
        }
        return (value, gradient * scale)
    }

    /// The cubic B-spline at the four voxels about a place that is `t` behind the second.
    private static func weights(_ t: Double) -> SIMD4<Double> {
        let u = 1 - t
        return SIMD4(
            u * u * u, 3 * t * t * t - 6 * t * t + 4, 3 * u * u * u - 6 * u * u + 4, t * t * t) / 6
    }

    private static func slopes(_ t: Double) -> SIMD4<Double> {
        let u = 1 - t
        return SIMD4(-u * u, 3 * t * t - 4 * t, 4 * u - 3 * u * u, t * t) / 2
    }
}
