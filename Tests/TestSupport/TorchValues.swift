import Torch

extension Tensor {
    /// Repeatable normal numbers.
    public static func normal(_ shape: [Int], seed: UInt64, _ dtype: DType = .float64) -> Tensor {
        var random = SeededGenerator(seed: seed)
        let count = shape.reduce(1, *)
        return Tensor((0..<count).map { _ in random.normal() }, shape: shape).to(dtype)
    }

    /// Largest absolute difference of two tensors of one shape, over the largest absolute value of `other`.
    public func relativeDifference(from other: Tensor) throws -> Double {
        guard shape == other.shape else {
            throw TorchError("shapes \(try checked().shape) and \(try other.checked().shape) are compared")
        }
        let scale = try other.abs().max().item()
        return try (self - other).abs().max().item() / Swift.max(scale, 1e-300)
    }
}

/// Derivatives of `value` by the entries of `point` at `places`, by central differences of step `h`.
public func centralDifferences(
    at point: [Double], _ places: some Sequence<Int>, h: Double = 1e-6, of value: ([Double]) throws -> Double
) rethrows -> [Double] {
    try places.map { place in
        var up = point, down = point
        up[place] += h
        down[place] -= h
        return (try value(up) - value(down)) / (2 * h)
    }
}

/// Whether two lists of densities are the same but for rounding, which depends on the threads of libtorch.
public func close(_ a: [Float], _ b: [Float]) -> Bool {
    let top = b.reduce(Float(1e-6)) { max($0, abs($1)) }
    return a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 1e-4 * top }
}
