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

    /// For a layer between cubes of side `coarse` and twice that, with `weight` [coarse, fine, k, k, k].
    ///
    /// On a CPU bfloat16 pays where libtorch multiplies wide matrices: the own kernels for few channels work
    /// in float32 and are the faster, and so is a matrix product of the few places of kernel 2.
    public func forCubes(_ weight: Tensor, coarse side: Int, on device: Device) -> Precision {
        guard dtype == .bfloat16, !device.isCUDA else { return self }
        if weight.size(2) == 4 {
            let own = Self.isOwn(.int(weight.size(0)), .int(weight.size(1)), .int(side))
            guard (try? own.item()) == 1 else { return self }
        }
        return Precision(dtype: .float32, channelsLast: channelsLast)
    }

    /// For products of a batch with the weights of a linear layer, which converting would take longer.
    public func forRows(on device: Device) -> Precision {
        dtype == .bfloat16 && !device.isCUDA ? Precision(dtype: .float32, channelsLast: channelsLast) : self
    }

    private static let isOwn = Operator("dsd::cube_layer_is_own")

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

    /// What this parameter takes over of a saved one: all of it where shapes agree, or of a kernel of 4 whose
    /// outer part met nothing but padding, as earlier versions kept it, the part that is kept now. nil: it is
    /// another parameter.
    public func fitting(_ saved: Tensor) -> Tensor? {
        let (wanted, found) = (tensor.shape, saved.shape)
        if wanted == found { return saved }
        guard wanted.count == 5, found.count == 5, wanted[..<2] == found[..<2], found[2...] == [4, 4, 4],
            [[2, 2, 2], [3, 3, 3]].contains(wanted[2...])
        else { return nil }
        return (2...4).reduce(saved) { $0.narrow($1, 1, wanted[$1]) }
    }
}

/// y = x W^T + b; weight [out, in], bias [out].
public struct Linear: Sendable {
    public let weight: Tensor, bias: Tensor

    public init(weight: Tensor, bias: Tensor) { (self.weight, self.bias) = (weight, bias) }

    /// x [..., in] -> [..., out].
    public func callAsFunction(_ x: Tensor, _ precision: Precision = .float32) -> Tensor {
        let type = precision.forRows(on: x.device).dtype
        return x.to(type).linear(weight.to(type), bias.to(type))
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
        let precision = self.precision(precision, side: x.size(2), on: x.device)
        if isWhole(x.size(2)) { return whole(x, precision, slope: slope) }
        let (x, w, b) = (precision.prepared(x), weight.to(precision.dtype), bias.to(precision.dtype))
        if halves { return x.halved(by: w, b, slope: slope) }
        let y = x.conv3d(w, b, stride: stride, padding: padding)
        return slope == 1 ? y : y.leakyReLU(inPlace: slope)
    }

    /// What the layer works in for cubes of this side.
    public func precision(_ precision: Precision, side: Int, on device: Device) -> Precision {
        if isWhole(side) { return precision.forRows(on: device) }
        return halves ? precision.forCubes(weight, coarse: side / 2, on: device) : precision
    }

    private var halves: Bool { stride == 2 && padding == 1 && weight.shape.suffix(3) == [4, 4, 4] }
    private func isWhole(_ side: Int) -> Bool {
        padding == 0 && weight.shape.suffix(3).allSatisfy { $0 == side }
    }

    /// With a kernel as large as the cube, which is one matrix product: [batch, out, 1, 1, 1].
    private func whole(_ x: Tensor, _ precision: Precision, slope: Double) -> Tensor {
        let (images, channels) = (x.size(0), weight.size(0))
        let y = Linear(weight: weight.reshape([channels, -1]), bias: bias)(
            x.reshape([images, -1]), precision)
        return (slope == 1 ? y : y.leakyReLU(inPlace: slope)).reshape([images, channels, 1, 1, 1])
    }

    public func parameters(_ name: String) -> [Parameter] {
        [Parameter("\(name).weight", weight), Parameter("\(name).bias", bias)]
    }
}

/// For each row (z, y) of the coarse cube of a layer: the range of x that has a part, int32 [r^2] each.
public struct LayerRows: Sendable {
    public let from: Tensor, to: Tensor
    /// Of the cube's places.
    public let share: Double
    public init(from: Tensor, to: Tensor, share: Double) {
        (self.from, self.to, self.share) = (from, to, share)
    }
}

/// Transposed 3D convolution that doubles the side of cubes; weight [in, out, k, k, k] with k = 2, or k = 4
/// and padding 1, bias [out].
public struct TransposedConvolution3D: Sendable {
    public let weight: Tensor, bias: Tensor

    public init(weight: Tensor, bias: Tensor) { (self.weight, self.bias) = (weight, bias) }

    /// x [batch, in, r, r, r] -> [batch, out, 2r, 2r, 2r]. Results below zero are multiplied by `slope`.
    /// What places outside `rows` have a part in may be left out.
    public func callAsFunction(
        _ x: Tensor, _ precision: Precision = .float32, slope: Double = 1, rows: LayerRows? = nil
    ) -> Tensor {
        let precision = precision.forCubes(weight, coarse: x.size(2), on: x.device)
        return precision.prepared(x).doubled(
            by: weight.to(precision.dtype), bias.to(precision.dtype), slope: slope, rows: rows)
    }

    public func parameters(_ name: String) -> [Parameter] {
        [Parameter("\(name).weight", weight), Parameter("\(name).bias", bias)]
    }
}
