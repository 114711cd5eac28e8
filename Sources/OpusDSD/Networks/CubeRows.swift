import Torch

/// For each row (z, y) of a cube: the range of x that a layer has to work on. What lies outside reaches no
/// voxel of the mask.
struct CubeRows: Sendable {
    let side: Int
    /// First place and the one behind the last, [side^2] each; equal where the row is not wanted.
    let from: [Int32], to: [Int32]

    /// The rows of a volume that reach from the first to the last voxel of its mask, [side^3].
    init(mask: [Float], side: Int) {
        var from = [Int32](repeating: 0, count: side * side)
        var to = from
        for row in 0..<side * side {
            let places = (0..<side).filter { mask[row * side + $0] > 0 }
            guard let first = places.first, let last = places.last else { continue }
            (from[row], to[row]) = (Int32(first), Int32(last) + 1)
        }
        (self.side, self.from, self.to) = (side, from, to)
    }

    private init(side: Int, from: [Int32], to: [Int32]) {
        (self.side, self.from, self.to) = (side, from, to)
    }

    /// The places of the cube of half the side that reach these through a transposed convolution of kernel
    /// 4, stride 2, padding 1: place i reaches 2i - 1 ... 2i + 2 along each side.
    var coarser: CubeRows {
        let r = side / 2
        var from = [Int32](repeating: 0, count: r * r)
        var to = from
        for z in 0..<r {
            for y in 0..<r {
                var (low, high) = (r, 0)
                for oz in max(0, 2 * z - 1)...min(side - 1, 2 * z + 2) {
                    for oy in max(0, 2 * y - 1)...min(side - 1, 2 * y + 2) {
                        let (first, end) = (Int(self.from[oz * side + oy]), Int(self.to[oz * side + oy]))
                        guard first < end else { continue }
                        low = min(low, max(0, (first - 1) / 2))
                        high = max(high, min(r, end / 2 + 1))
                    }
                }
                if low < high { (from[z * r + y], to[z * r + y]) = (Int32(low), Int32(high)) }
            }
        }
        return CubeRows(side: r, from: from, to: to)
    }

    /// The share of the cube's places.
    var share: Double {
        Double(zip(from, to).reduce(0) { $0 + Int($1.1 - $1.0) }) / Double(side * side * side)
    }

    /// All of a cube.
    static func all(side: Int) -> CubeRows {
        let count = side * side
        return CubeRows(
            side: side, from: [Int32](repeating: 0, count: count),
            to: [Int32](repeating: Int32(side), count: count))
    }

    func tensors(on device: Device) -> LayerRows {
        LayerRows(
            from: Tensor(from, shape: [side * side]).to(device),
            to: Tensor(to, shape: [side * side]).to(device), share: share)
    }
}
