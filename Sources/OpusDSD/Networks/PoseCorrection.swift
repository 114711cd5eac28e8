import Torch

/// The pose-correction head (METHOD 2.6): a block of the code becomes a small rotation Q and a shift; off
/// by default.
///
/// Quaternion (16, a, b, c) / norm, so the angle is about |(a, b, c)| / 8 rad; the shift is in pixels of
/// the full box.
/// The last layer starts at zero: no correction.
public struct PoseCorrection: Sendable {
    public let hidden: Linear, output: Linear

    public init(size: Int, seed: UInt64, dtype: DType = .float32, device: Device = .cpu) throws(TorchError) {
        let make = Initializer(seed: seed, firstLayer: 3000, dtype: dtype, device: device)
        hidden = try make.linear(size, 512)
        output = try make.zeroLinear(512, 6)
    }

    /// Codes [B, Za] -> rotations Q [B, 3, 3] and shifts [B, 3] in the volume's frame, pixels of the full
    /// box.
    public func callAsFunction(_ codes: Tensor) -> (rotation: Tensor, shift: Tensor) {
        let raw = output(hidden(codes, precision(codes)).leakyReLU(leakySlope), precision(codes))
        return (Self.rotation(raw.narrow(1, 0, 3)), raw.narrow(1, 3, 3))
    }

    private func precision(_ codes: Tensor) -> Precision { codes.dtype == .float64 ? .float64 : .float32 }

    /// Vectors (a, b, c) [B, 3] -> rotation matrices of the quaternions (16, a, b, c) / norm, [B, 3, 3].
    static func rotation(_ vectors: Tensor) -> Tensor {
        let square = vectors.square().sum([1]) + 256
        let scale = 1 / square.squareRoot()
        let w = scale * 16
        let (x, y, z) = (
            vectors.select(1, 0) * scale, vectors.select(1, 1) * scale, vectors.select(1, 2) * scale
        )
        let rows = [
            1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
            2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
            2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
        ]
        return Tensor.stack(rows, 1).reshape([-1, 3, 3])
    }

    public var parameters: [Parameter] { hidden.parameters("pose.hidden") + output.parameters("pose.output") }
}
