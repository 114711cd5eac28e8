import Torch

/// Brings images to a smaller box by dropping high frequencies, and moves their content by the particle's
/// origin.
public struct FourierCrop: Sendable {
    /// What stays the same when an image gets fewer pixels.
    public enum Amplitude: String, Sendable, Codable {
        /// Mean and contrast per pixel. White noise of variance 1 has variance (box/source)² afterwards.
        case mean
        /// The variance of white noise. Signal grows by source/box against `mean`, and a volume whose sums
        /// along z are these images has (source/box)² times the density per voxel of a map resized with
        /// `FourierResize`.
        case noise
    }

    /// Side of the images given.
    public let source: Int
    /// Side of the images made.
    public let box: Int
    public let amplitude: Amplitude

    /// - Precondition: both sides are even and `box` is at most `source`.
    public init(from source: Int, to box: Int, amplitude: Amplitude) {
        precondition(
            source % 2 == 0 && box % 2 == 0 && box > 0 && box <= source, "cannot crop \(source) to \(box)")
        self.source = source
        self.box = box
        self.amplitude = amplitude
    }

    /// Factor on the unscaled transform: (box/source)² keeps the mean, box/source the noise.
    public var scale: Double {
        let ratio = Double(box) / Double(source)
        return amplitude == .mean ? ratio * ratio : ratio
    }

    /// What images made with `noise` are worth in terms of `mean`: the factor on their density.
    public var contrastGain: Double { amplitude == .mean ? 1 : Double(source) / Double(box) }

    /// Images [batch, source, source] to [batch, box, box].
    ///
    /// - Parameter shifts: how far the content of each image moves along x and y, in pixels of the source;
    ///   for particles this is +`rlnOrigin`. `F(k)` is multiplied by `exp(-2 pi i k·t)`.
    public func callAsFunction(_ images: Tensor, shifts: [SIMD2<Double>]? = nil) -> Tensor {
        transform(images, shifts: shifts).irfft2(box, box)
    }

    /// The half-plane transforms [batch, box, box/2 + 1] of what `callAsFunction` gives, with the Nyquist row
    /// and column zero.
    public func transform(_ images: Tensor, shifts: [SIMD2<Double>]? = nil) -> Tensor {
        let f = cropped(images.rfft2())
        guard let shifts else { return f }
        return f * phases(shifts, device: images.device)
    }

    /// Half-plane transforms [batch, source, source/2 + 1] to those of the smaller box, with the Nyquist row
    /// and column zero.
    public func cropped(_ transforms: Tensor) -> Tensor {
        let f = FourierResize.resizedAxis(transforms, -2, from: source, to: box)
        return FourierResize.resizedHalfAxis(f, from: source, to: box) * scale
    }

    private func phases(_ shifts: [SIMD2<Double>], device: Device) -> Tensor {
        let rows = (0..<box).map { Double($0 < box / 2 ? $0 : $0 - box) }
        let columns = (0...box / 2).map(Double.init)
        func wave(_ frequencies: [Double], _ shifts: [Double], _ shape: [Int]) -> Tensor {
            let step = -2 * Double.pi / Double(source)
            let angles = shifts.flatMap { shift in
                frequencies.map { Float(($0 * shift * step).remainder(dividingBy: 2 * .pi)) }
            }
            let angle = Tensor(angles, shape: shape).to(device)
            return Tensor.polar(Tensor.ones(shape, on: device), angle)
        }
        let x = wave(columns, shifts.map(\.x), [shifts.count, 1, box / 2 + 1])
        let y = wave(rows, shifts.map(\.y), [shifts.count, box, 1])
        return x * y
    }
}
