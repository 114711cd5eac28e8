/// Trilinear resampling of cubes from one side to another, end points on end points.
///
/// libtorch's own operator gives a CUDA device one thread for each place of the result and goes through
/// images and channels in it, which for small cubes of many channels takes longer than the convolutions
/// around it; there it is one small matrix product for each axis. On a CPU the shim goes through memory
/// axis by axis.
public struct TrilinearResampling: Sendable {
    public let from: Int, to: Int
    /// [to, from]
    private let weights: Tensor

    public init(from: Int, to: Int, dtype: DType = .float32, device: Device = .cpu) {
        (self.from, self.to) = (from, to)
        var values = [Double](repeating: 0, count: to * from)
        for row in 0..<to {
            let place = to > 1 ? Double(row) * Double(from - 1) / Double(to - 1) : 0
            let low = min(Int(place), max(0, from - 2))
            values[row * from + low] = 1 - (place - Double(low))
            if from > 1 { values[row * from + low + 1] = place - Double(low) }
        }
        weights = Tensor(values, shape: [to, from]).to(dtype).to(device)
    }

    /// [batch, channels, from, from, from] -> [batch, channels, to, to, to], channels as the fastest side.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        x.device.isCUDA ? products(x) : Self.resample(.tensor(x), .int(to))
    }

    private static let resample = Operator("dsd::resample_cubes")

    /// The same as products of matrices.
    package func products(_ x: Tensor) -> Tensor {
        let (batch, channels) = (x.size(0), x.size(1))
        var y = x.permute([0, 2, 3, 4, 1]).to(weights.dtype)
        var rows = batch
        var inner = from * from * channels
        for _ in 0..<3 {
            y = weights.matmul(y.reshape([rows, from, inner]))
            rows *= to
            inner /= from
        }
        return y.reshape([batch, to, to, to, channels]).permute([0, 4, 1, 2, 3]).to(x.dtype)
    }
}
