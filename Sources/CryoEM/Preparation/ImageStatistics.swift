import Torch

/// Statistics of particle images inside and outside the particle's circle.
struct ImageStatistics {
    /// 1 outside the circle, 0 inside. [box · box] float32
    private let background: Tensor
    private let backgroundCount: Double
    private let pixels: Int

    /// - Parameter radius: of the particle's circle about pixel box/2, pixels.
    init(box: Int, radius: Double) {
        let centre = box / 2, limit = radius * radius
        var outside = [Float](repeating: 0, count: box * box)
        for y in 0..<box {
            for x in 0..<box where Double((y - centre) * (y - centre) + (x - centre) * (x - centre)) > limit {
                outside[y * box + x] = 1
            }
        }
        pixels = box * box
        backgroundCount = outside.reduce(0) { $0 + Double($1) }
        background = Tensor(outside, shape: [box * box])
    }

    var hasBackground: Bool { backgroundCount >= 8 && Double(pixels) - backgroundCount >= 1 }

    struct Values {
        /// Mean of the pixels outside the circle.
        var mean: Double
        /// Their standard deviation.
        var deviation: Double
        /// Mean inside less mean outside.
        var contrast: Double
        /// Standard deviation of all pixels.
        var spread: Double

        var isFinite: Bool { (mean + deviation + contrast + spread).isFinite }
    }

    /// Of each image of [batch, box, box].
    func callAsFunction(_ images: Tensor) throws -> [Values] {
        let flat = images.reshape([-1, pixels])
        // Sums of squares are taken about each image's mean, which counts of electrons can carry far from 0.
        let all = flat.mean([1], keep: true)
        let centred = flat - all
        let outside = centred.matmul(background) / backgroundCount
        let centredBackground = (centred - outside.unsqueeze(1)) * background
        let variance = centredBackground.square().sum([1]) / backgroundCount
        let offset = try all.doubles(), mean = try outside.doubles(), squares = try variance.doubles()
        let spread = try centred.square().mean([1]).doubles()
        let insideCount = Double(pixels) - backgroundCount
        return mean.indices.map { k in
            Values(
                mean: offset[k] + mean[k], deviation: squares[k].squareRoot(),
                // All centred pixels add up to 0, so the inside's sum is minus the outside's.
                contrast: -mean[k] * backgroundCount / insideCount - mean[k], spread: spread[k].squareRoot())
        }
    }
}
