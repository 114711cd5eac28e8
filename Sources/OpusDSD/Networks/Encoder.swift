import Foundation
import Torch

/// Pseudo-volume -> mean and log sigma of the posterior of its code (paper, Fig. 1; METHOD 2.2 and 13.4).
///
/// floor(log2 E) convolutions of kernel 4, stride 2, padding 1 bring the side E down to 1, with 32, 64, 128,
/// 256, 512, 512, 512 channels times `width`; then one linear layer and two heads. The last convolution, whose cube is
/// smaller than its kernel, keeps no weights that would meet padding alone.
public struct Encoder: Sendable {
    public let convolutions: [Convolution3D]
    public let hidden: Linear, mean: Linear, logSigma: Linear
    /// Side E of the pseudo-volume.
    public let side: Int

    /// Bounds on log sigma: exp of anything outside helps nobody and overflows.
    static let logSigmaBounds = (-8.0, 4.0)

    public init(
        side: Int, latentSize: Int, width: Double, logSigmaBias: Double, seed: UInt64,
        dtype: DType = .float32, device: Device = .cpu
    ) throws(TorchError) {
        let make = Initializer(seed: seed, firstLayer: 0, dtype: dtype, device: device)
        let depth = Int(log2(Double(side)))
        let channels = [32, 64, 128, 256, 512, 512, 512, 512].prefix(depth).map {
            max(4, Int(Double($0) * width))
        }
        self.side = side
        var convolutions: [Convolution3D] = []
        for (step, (input, output)) in zip([1] + channels, channels).enumerated() {
            convolutions.append(try make.convolution(input, output, side: side >> step))
        }
        self.convolutions = convolutions
        let last = channels.last ?? 1
        hidden = try make.linear(last, last)
        mean = try make.linear(last, latentSize, gain: 1)
        logSigma = try make.linear(last, latentSize, gain: 1, bias: logSigmaBias)
    }

    /// Pseudo-volumes [batch, E, E, E] -> mean and log sigma, [batch, Z] each.
    public func callAsFunction(_ volumes: Tensor, _ precision: Precision) -> (mean: Tensor, logSigma: Tensor)
    {
        // One channel is the last side as well as the second; saying so spares a change of layout after the
        // first layer.
        var x =
            precision.channelsLast ? volumes.unsqueeze(-1).permute([0, 4, 1, 2, 3]) : volumes.unsqueeze(1)
        for convolution in convolutions {
            x = convolution(x, precision, slope: leakySlope)
        }
        x = hidden(x.reshape([x.size(0), -1]), precision).leakyReLU(inPlace: leakySlope)
        let (low, high) = Self.logSigmaBounds
        let wide: DType = precision.dtype == .float64 ? .float64 : .float32
        return (mean(x, precision).to(wide), logSigma(x, precision).to(wide).clamp(min: low, max: high))
    }

    public var parameters: [Parameter] {
        convolutions.enumerated().flatMap { $1.parameters("encoder.down\($0)") }
            + hidden.parameters("encoder.hidden") + mean.parameters("encoder.mean")
            + logSigma.parameters("encoder.logSigma")
    }
}
