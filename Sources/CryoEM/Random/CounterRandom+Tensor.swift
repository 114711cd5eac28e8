import Torch

extension CounterRandom {
    private static let counterUniform = Operator("dsd::counter_uniform")

    /// The values k = 0 ..< count of a stream and item, float64 [count]; the numbers that `uniform` gives
    /// one by one.
    public func uniforms(_ stream: RandomStream, item: Int, count: Int) -> Tensor {
        Self.counterUniform(
            .int(Int(bitPattern: UInt(seed))), .int(Int(stream.rawValue)), .int(item), .int(count))
    }
}
