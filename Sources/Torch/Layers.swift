/// Number type and memory layout in which convolutions and linear layers work; parameters stay in float32.
public struct Precision: Sendable, Equatable {
    public var dtype: DType
    /// Channels as the fastest side of 5-dimensional tensors.
    public var channelsLast: Bool
    /// Whether a CUDA device may use TF32 for float32.
    public var allowsTF32: Bool

    public init(dtype: DType, channelsLast: Bool, allowsTF32: Bool = false) {
        (self.dtype, self.channelsLast, self.allowsTF32) = (dtype, channelsLast, allowsTF32)
    }

    /// float32, the reference.
    public static let float32 = Precision(dtype: .float32, channelsLast: true)
    /// float32 whose products a CUDA device may round to TF32; float32 on a CPU.
    public static let tensorFloat32 = Precision(dtype: .float32, channelsLast: true, allowsTF32: true)
    /// bfloat16 activations and products; about twice as fast as float32 where the processor has it.
    public static let bfloat16 = Precision(dtype: .bfloat16, channelsLast: true)
    /// float64, for checks of gradients.
    public static let float64 = Precision(dtype: .float64, channelsLast: false)

    func prepared(_ x: Tensor) -> Tensor {
        let typed = x.to(dtype)
        return channelsLast ? typed.channelsLast3D() : typed
    }
}

/// A named tensor that training changes in place.
public struct Parameter: Sendable {
    public let name: String
    public let tensor: Tensor
    public init(_ name: String, _ tensor: Tensor) { (self.name, self.tensor) = (name, tensor) }
}

/// y = x W^T + b; weight [out, in], bias [out].
public struct Linear: Sendable {
    public let weight: Tensor, bias: Tensor

    public init(weight: Tensor, bias: Tensor) { (self.weight, self.bias) = (weight, bias) }

    /// x [..., in] -> [..., out].
    public func callAsFunction(_ x: Tensor, _ precision: Precision = .float32) -> Tensor {
        x.to(precision.dtype).linear(weight.to(precision.dtype), bias.to(precision.dtype))
    }

    public func parameters(_ name: String) -> [Parameter] {
        [Parameter("\(name).weight", weight), Parameter("\(name).bias", bias)]
    }
}

/// Strided 3D convolution; weight [out, in, k, k, k], bias [out].
public struct Convolution3D: Sendable {
    public let weight: Tensor, bias: Tensor
    public let stride: Int, padding: Int

    public init(weight: Tensor, bias: Tensor, stride: Int, padding: Int) {
        (self.weight, self.bias, self.stride, self.padding) = (weight, bias, stride, padding)
    }

    /// x [batch, in, d, h, w] -> [batch, out, d', h', w'], d' = (d + 2 padding - k) / stride + 1, rounded
    /// down. Results below zero are multiplied by `slope`.
    public func callAsFunction(_ x: Tensor, _ precision: Precision = .float32, slope: Double = 1) -> Tensor {
        let (x, w, b) = (precision.prepared(x), weight.to(precision.dtype), bias.to(precision.dtype))
        if stride == 2 && padding == 1 && weight.shape.suffix(3) == [4, 4, 4] {
            return x.halved(by: w, b, slope: slope)
        }
        let y = x.conv3d(w, b, stride: stride, padding: padding)
        return slope == 1 ? y : y.leakyReLU(inPlace: slope)
    }

    public func parameters(_ name: String) -> [Parameter] {
        [Parameter("\(name).weight", weight), Parameter("\(name).bias", bias)]
    }
}

/// Transposed 3D convolution that doubles the side of cubes; weight [in, out, k, k, k] with k = 2, or k = 4
/// and padding 1, bias [out].
public struct TransposedConvolution3D: Sendable {
    public let weight: Tensor, bias: Tensor

    public init(weight: Tensor, bias: Tensor) { (self.weight, self.bias) = (weight, bias) }

    /// x [batch, in, r, r, r] -> [batch, out, 2r, 2r, 2r]. Results below zero are multiplied by `slope`.
    public func callAsFunction(_ x: Tensor, _ precision: Precision = .float32, slope: Double = 1) -> Tensor {
        precision.prepared(x).doubled(by: weight.to(precision.dtype), bias.to(precision.dtype), slope: slope)
    }

    public func parameters(_ name: String) -> [Parameter] {
        [Parameter("\(name).weight", weight), Parameter("\(name).bias", bias)]
    }
}
