/// New tensors of one value or of a sequence.
extension Tensor {
    public static func full(
        _ shape: [Int], _ value: Double, _ dtype: DType = .float32, on device: Device = .cpu
    ) -> Tensor {
        Operators.full(.ints(shape), .double(value), .dtype(dtype), .none, .device(device))
    }
    public static func zeros(_ shape: [Int], _ dtype: DType = .float32, on device: Device = .cpu) -> Tensor {
        full(shape, 0, dtype, on: device)
    }
    public static func ones(_ shape: [Int], _ dtype: DType = .float32, on device: Device = .cpu) -> Tensor {
        full(shape, 1, dtype, on: device)
    }
    /// from, from + 1, ... below `to`.
    public static func range(_ from: Int, _ to: Int, _ dtype: DType = .float32, on device: Device = .cpu)
        -> Tensor
    {
        Operators.arange(.double(Double(from)), .double(Double(to)), .dtype(dtype), .none, .device(device))
    }
    public static func identity(_ side: Int, _ dtype: DType = .float32, on device: Device = .cpu) -> Tensor {
        Operators.eye(.int(side), .dtype(dtype), .none, .device(device))
    }
}
