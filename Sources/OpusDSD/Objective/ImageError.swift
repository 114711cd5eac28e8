import Torch

/// The reconstruction term (paper, Methods; METHOD 3.1): squared error between image and CTF-filtered
/// projection, less the
/// part that does not depend on the prediction.
public struct ImageError: Sendable {
    public let mask: Configuration.ErrorMask

    public init(mask: Configuration.ErrorMask) { self.mask = mask }

    /// The error q of each pose, [B, K].
    ///
    /// - Parameters:
    ///   - predicted: [B, K, R, R].
    ///   - images: [B, R, R].
    ///   - projectedMask: 0 or 1, [B, R, R]; wanted where the error is masked.
    public func perPose(_ predicted: Tensor, _ images: Tensor, projectedMask: Tensor?) -> Tensor {
        var target = images.unsqueeze(1)
        var prediction = predicted
        if let projectedMask, mask != .none {
            target = target * projectedMask.unsqueeze(1)
            if mask == .both { prediction = prediction * projectedMask.unsqueeze(1) }
        }
        return (prediction * (prediction - 2 * target)).sum([2, 3])
    }

    /// The error of each pose without masks, [B, K], where predictions are projections [B, K, R, R] times
    /// `transfer` [B, R, R/2+1] in Fourier space, and `spectra` [B, R, R/2+1] transforms of the images: a sum
    /// over transforms.
    public static func perPose(_ projections: Tensor, transfer: Tensor, spectra: Tensor) -> Tensor {
        filteredError(.tensor(projections), .tensor(transfer), .tensor(spectra))
    }

    private static let filteredError = Operator("dsd::image_error")

    /// Errors [B, K] -> [B]: poses weighted by softmax(-q/2), the weights without gradient. One pose: its
    /// error.
    public static func marginal(_ errors: Tensor) -> Tensor {
        guard errors.size(1) > 1 else { return errors.select(1, 0) }
        let weights = (errors.detached() * -0.5).softmax(1)
        return (weights * errors).sum([1])
    }
}
