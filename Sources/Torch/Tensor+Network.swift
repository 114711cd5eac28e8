/// Operators of neural networks.
extension Tensor {
    /// x [..., in] * weight [out, in]^T + bias [out].
    public func linear(_ weight: Tensor, _ bias: Tensor?) -> Tensor {
        Operators.linear(.tensor(self), .tensor(weight), .optional(bias))
    }
    /// x [batch, in, d, h, w], weight [out, in, k, k, k].
    public func conv3d(_ weight: Tensor, _ bias: Tensor?, stride: Int, padding: Int) -> Tensor {
        Operators.conv3d(
            .tensor(self), .tensor(weight), .optional(bias),
            .ints([stride, stride, stride]), .ints([padding, padding, padding]))
    }
    /// x [batch, in, d, h, w], weight [in, out, k, k, k].
    public func convTranspose3d(_ weight: Tensor, _ bias: Tensor?, stride: Int, padding: Int) -> Tensor {
        Operators.convTranspose3d(
            .tensor(self), .tensor(weight), .optional(bias),
            .ints([stride, stride, stride]), .ints([padding, padding, padding]))
    }
    /// A transposed convolution that doubles the side of cubes: x [batch, in, r, r, r], weight [in, out, k,
    /// k, k], bias [out], k = 2 or 4 (with padding 1); results below zero are multiplied by `slope`. Where
    /// that saves time, results that places outside `rows` have a part in are left out, which is no matter
    /// where nobody asks for them: their gradient has to be zero.
    public func doubled(
        by weight: Tensor, _ bias: Tensor, slope: Double = 1, rows: LayerRows? = nil
    ) -> Tensor {
        Operators.upsamplingConvolution(
            .tensor(self), .tensor(weight), .tensor(bias), .double(slope), .optional(rows?.from),
            .optional(rows?.to))
    }
    /// A convolution of kernel 4, stride 2 and padding 1, which halves the side of cubes: x [batch, in, f, f,
    /// f], weight [out, in, 4, 4, 4], bias [out]; results below zero are multiplied by `slope`.
    public func halved(by weight: Tensor, _ bias: Tensor, slope: Double = 1) -> Tensor {
        Operators.downsamplingConvolution(.tensor(self), .tensor(weight), .tensor(bias), .double(slope))
    }
    public func leakyReLU(_ slope: Double) -> Tensor { Operators.leakyReLU(.tensor(self), .double(slope)) }
    /// The same in this tensor's own memory, for results of layers, which nobody else holds: half the memory
    /// that a backward pass keeps, and one stream through it less.
    public func leakyReLU(inPlace slope: Double) -> Tensor {
        Operators.leakyReLUInPlace(.tensor(self), .double(slope))
    }
}
