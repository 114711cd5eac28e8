import CryoIO

/// Exact Euclidean distances on a grid (Felzenszwalb and Huttenlocher, Theory of Computing 8, 2012).
enum DistanceTransform {
    /// Square of the distance, in voxels, from the centre of every voxel to that of the nearest voxel inside;
    /// `.infinity` where nothing is inside. `[z][y][x]`.
    static func squared(toInside inside: [Bool], size: GridSize) -> [Float] {
        var distances = inside.map { $0 ? Float(0) : .infinity }
        let lines = [
            (length: size.x, step: 1, starts: starts(size.y, size.x, size.z, size.x * size.y)),
            (length: size.y, step: size.x, starts: starts(size.x, 1, size.z, size.x * size.y)),
            (length: size.z, step: size.x * size.y, starts: starts(size.x, 1, size.y, size.x)),
        ]
        var envelope = Envelope(capacity: max(size.x, size.y, size.z))
        distances.withUnsafeMutableBufferPointer { values in
            for axis in lines {
                for start in axis.starts { envelope.transform(values, start, axis.step, axis.length) }
            }
        }
        return distances
    }

    private static func starts(_ n: Int, _ step: Int, _ m: Int, _ stride: Int) -> [Int] {
        (0..<m).flatMap { j in (0..<n).map { $0 * step + j * stride } }
    }

    /// The lower envelope of the parabolas `(x - p)² + f(p)` of one line of voxels.
    private struct Envelope {
        private var vertices: [Int]
        private var heights: [Float]
        private var borders: [Float]

        init(capacity: Int) {
            vertices = Array(repeating: 0, count: capacity)
            heights = Array(repeating: 0, count: capacity)
            borders = Array(repeating: 0, count: capacity + 1)
        }

        mutating func transform(
            _ values: UnsafeMutableBufferPointer<Float>, _ start: Int, _ step: Int, _ length: Int
        ) {
            var count = 0
            for p in 0..<length {
                let f = values[start + p * step]
                if f == .infinity { continue }
                var border = -Float.infinity
                while count > 0 {
                    let q = vertices[count - 1]
                    border = ((f + Float(p * p)) - (heights[count - 1] + Float(q * q))) / Float(2 * (p - q))
                    if border > borders[count - 1] { break }
                    count -= 1
                    border = -.infinity
                }
                (vertices[count], heights[count], borders[count]) = (p, f, border)
                count += 1
            }
            guard count > 0 else { return }
            borders[count] = .infinity
            var k = 0
            for x in 0..<length {
                while borders[k + 1] < Float(x) { k += 1 }
                let d = Float(x - vertices[k])
                values[start + x * step] = d * d + heights[k]
            }
        }
    }
}
