import Foundation
import Torch

/// Brings images to coarser pixels and another box about the same centre, without a common multiple of boxes:
/// every pixel made is the band-limited interpolation of the image given.
///
/// For particles of optics groups with different pixel sizes. Frequencies keep their value in 1/Angstrom, so
/// a transfer function of the particle's own optics holds for the image made. The box is cut or filled with
/// 0 in real space.
public struct FourierResample: Sendable {
    public let source: ImageGrid
    public let target: ImageGrid
    /// Whether white noise keeps its variance.
    public let keepsNoise: Bool
    /// Side of the grid of the target's pixels that holds the whole source.
    private let inner: Int
    /// [inner, source.box] float32
    private let kernel: Tensor
    private let shift: FourierCrop

    /// - Parameter amplitude: what stays: the mean and contrast of pixels, or the variance of white noise.
    /// - Precondition: boxes are even, and the target's pixels are not finer than the source's.
    public init(from source: ImageGrid, to target: ImageGrid, amplitude: FourierCrop.Amplitude) {
        let ratio = source.pixelSize / target.pixelSize
        precondition(source.box % 2 == 0 && target.box % 2 == 0, "boxes are even")
        precondition(ratio > 0 && ratio < 1 + 2e-4, "resampling makes no finer pixels")
        self.source = source
        self.target = target
        keepsNoise = amplitude == .noise
        inner = 2 * Int((Double(source.box) * ratio / 2 - 1e-3).rounded(.up))
        // Summed over the source's pixels the kernel gives 1 / ratio along each axis.
        let scale = amplitude == .mean ? ratio : ratio.squareRoot()
        var values: [Float] = []
        values.reserveCapacity(inner * source.box)
        for j in 0..<inner {
            for x in 0..<source.box {
                let place = Double(j - inner / 2) - Double(x - source.box / 2) * ratio
                values.append(Float(scale * Self.dirichlet(place, inner)))
            }
        }
        kernel = Tensor(values, shape: [inner, source.box])
        shift = FourierCrop(from: inner, to: inner, amplitude: .mean)
    }

    /// The mean of the waves of a box below Nyquist at a distance in pixels.
    private static func dirichlet(_ place: Double, _ side: Int) -> Double {
        let angle = Double.pi * place / Double(side), sine = sin(angle)
        if abs(sine) < 1e-9 { return Double(side - 1) / Double(side) }
        return sin(Double(side - 1) * angle) / (Double(side) * sine)
    }

    /// Images [batch, source.box, source.box] to [batch, target.box, target.box].
    /// - Parameter shifts: how far the content of each image moves along x and y, Angstrom.
    public func callAsFunction(_ images: Tensor, shifts: [SIMD2<Double>]) -> Tensor {
        let resampled = kernel.matmul(images).matmul(kernel.transposed(0, 1))
        let moved = shift(resampled, shifts: shifts.map { $0 / target.pixelSize })
        let edge = (target.box - inner) / 2
        return moved.pad([edge, edge, edge, edge])
    }
}
