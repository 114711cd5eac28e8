import Torch

/// Values of many items at once, a row for each: the numbers that `uniform` and `normal` give one by one. On
/// a CUDA device normal values may differ in the last bit.
extension CounterRandom {
    private static let counterUniform = Operator("dsd::counter_uniform")
    private static let counterNormal = Operator("dsd::counter_normal")

    /// Uniform values k = first ..< first + count of items (int64 [n]), float64 [n, count], where the items
    /// are.
    public func uniforms(_ stream: RandomStream, items: Tensor, first: Int = 0, count: Int) -> Tensor {
        Self.counterUniform(seedArgument, streamArgument(stream), .tensor(items), .int(first), .int(count))
    }

    /// Standard normal values k = first ..< first + count of items (int64 [n]), float64 [n, count], where the
    /// items are.
    public func normals(_ stream: RandomStream, items: Tensor, first: Int = 0, count: Int) -> Tensor {
        Self.counterNormal(seedArgument, streamArgument(stream), .tensor(items), .int(first), .int(count))
    }

    /// Uniform values k = 0 ..< count of one item, float64 [count].
    public func uniforms(_ stream: RandomStream, item: Int, count: Int, on device: Device = .cpu) -> Tensor {
        uniforms(stream, items: Tensor(indices: [item]).to(device), count: count).select(0, 0)
    }

    private var seedArgument: OperatorArgument { .int(Int(bitPattern: UInt(seed))) }
    private func streamArgument(_ stream: RandomStream) -> OperatorArgument { .int(Int(stream.rawValue)) }
}
