import CryoEM
import Torch

extension RandomStream {
    static let weights = RandomStream(rawValue: 101)
    static let order = RandomStream(rawValue: 102)
    static let split = RandomStream(rawValue: 103)
    static let latentNoise = RandomStream(rawValue: 104)
    static let augmentation = RandomStream(rawValue: 105)
    static let bank = RandomStream(rawValue: 106)
    static let candidates = RandomStream(rawValue: 107)
    static let dropout = RandomStream(rawValue: 108)
    static let tilt = RandomStream(rawValue: 109)
    static let sharing = RandomStream(rawValue: 111)
    static let sharedCodes = RandomStream(rawValue: 112)
}

/// First values of parameters (METHOD 2.4): uniform in +-sqrt(3) std with std = gain sqrt(2 / ((in + out)
/// taps)), biases 0.
/// Each layer draws from its own item of the seed's stream, in the order of construction.
final class Initializer {
    /// Gain in front of a LeakyReLU of slope 0.2.
    static let leakyGain = (2 / 1.04).squareRoot()

    private let random: CounterRandom
    private let dtype: DType
    private let device: Device
    private var layer: Int

    /// `firstLayer` sets networks of one run apart.
    init(seed: UInt64, firstLayer: Int, dtype: DType, device: Device) {
        random = CounterRandom(seed: seed)
        (layer, self.dtype, self.device) = (firstLayer, dtype, device)
    }

    private func uniform(_ shape: [Int], fanSum: Int, taps: Double, gain: Double) -> Tensor {
        let bound = 3.0.squareRoot() * gain * (2 / (Double(fanSum) * taps)).squareRoot()
        defer { layer += 1 }
        let values = random.uniforms(.weights, item: layer, count: shape.reduce(1, *))
        return (bound * (2 * values - 1)).reshape(shape).to(dtype).to(device)
    }

    private func constant(_ value: Double, _ shape: [Int]) throws(TorchError) -> Tensor {
        try Tensor.full(shape, value, dtype, on: device).requiringGradient()
    }

    func linear(_ input: Int, _ output: Int, gain: Double = leakyGain, bias: Double = 0) throws(TorchError)
        -> Linear
    {
        let weight = uniform([output, input], fanSum: input + output, taps: 1, gain: gain)
        return Linear(weight: try weight.requiringGradient(), bias: try constant(bias, [output]))
    }

    /// The affine layer whose output starts at zero, for the pose-correction head.
    func zeroLinear(_ input: Int, _ output: Int) throws(TorchError) -> Linear {
        Linear(weight: try constant(0, [output, input]), bias: try constant(0, [output]))
    }

    /// Kernel 4, stride 2, padding 1, for cubes of side `side`. Where that is 2 or 3, the other taps would meet
    /// padding alone: the kernel is the part of 4^3 that meets the cube, with the values that it has there.
    func convolution(_ input: Int, _ output: Int, side: Int) throws(TorchError) -> Convolution3D {
        let taps = uniform(
            [output, input, 4, 4, 4], fanSum: input + output, taps: 64, gain: Self.leakyGain)
        let whole = side < 4
        let weight = whole ? (2...4).reduce(taps) { $0.narrow($1, 1, side) }.contiguous() : taps
        return Convolution3D(
            weight: try weight.requiringGradient(), bias: try constant(0, [output]), stride: 2,
            padding: whole ? 0 : 1)
    }

    /// Stride 2; kernel 2 without padding or kernel 4 with padding 1. Every 2x2x2 block of taps starts with
    /// one value,
    /// so that the first upsampling has no checkerboard.
    func transposedConvolution(
        _ input: Int, _ output: Int, kernel: Int, gain: Double = leakyGain
    ) throws(TorchError) -> TransposedConvolution3D {
        let blocks = kernel / 2
        let taps = Double(kernel * kernel * kernel) / 8
        var weight = uniform(
            [input, output, blocks, blocks, blocks], fanSum: input + output, taps: taps, gain: gain)
        for side in 2...4 { weight = weight.repeatInterleave(2, side) }
        return TransposedConvolution3D(
            weight: try weight.contiguous().requiringGradient(), bias: try constant(0, [output]))
    }
}

/// LeakyReLU with slope 0.2, the sigma of METHOD.
package let leakySlope = 0.2
