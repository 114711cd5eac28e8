import Foundation

/// What is looked at in the pixels of an image.
struct PixelStatistics: Sendable {
    /// Mean and standard deviation outside the particle.
    var mean = 0.0
    var deviation = 0.0
    /// Mean inside less mean outside.
    var contrast = 0.0
    /// Largest distance of a pixel from the mean, in deviations of all pixels.
    var extreme = 0.0
    /// Standard deviation of all pixels.
    var spread = 0.0
    /// Pixels that are no numbers.
    var notFinite = 0

    /// - Parameter isInside: whether a pixel, by row and column, belongs to the particle.
    init(_ pixels: [Float], box: Int, isInside: (Int, Int) -> Bool) {
        var (inside, outside) = (0.0, 0.0)
        var (insideCount, outsideCount) = (0, 0)
        var low = Float.infinity, high = -Float.infinity
        // Squares are taken about one pixel, which counts of electrons can carry far from 0.
        let offset = Double(pixels.first(where: \.isFinite) ?? 0)
        var (squares, outsideSquares) = (0.0, 0.0)
        for row in 0..<box {
            for column in 0..<box {
                let pixel = pixels[row * box + column]
                guard pixel.isFinite else {
                    notFinite += 1
                    continue
                }
                low = min(low, pixel)
                high = max(high, pixel)
                let value = Double(pixel) - offset
                squares += value * value
                if isInside(row, column) {
                    inside += value
                    insideCount += 1
                } else {
                    outside += value
                    outsideSquares += value * value
                    outsideCount += 1
                }
            }
        }
        let count = Double(max(1, insideCount + outsideCount))
        let all = (inside + outside) / count
        spread = max(0, squares / count - all * all).squareRoot()
        let background = outside / Double(max(1, outsideCount))
        mean = offset + background
        deviation = max(0, outsideSquares / Double(max(1, outsideCount)) - background * background)
            .squareRoot()
        contrast = insideCount > 0 ? inside / Double(insideCount) - background : 0
        let farthest = max(Double(high) - offset - all, all + offset - Double(low))
        extreme = spread > 0 && farthest.isFinite ? farthest / spread : 0
    }

    /// Standard deviation of the background, or of all pixels where there is no noise around the particle.
    var scale: Double { deviation > 1e-6 * spread ? deviation : spread }

    var isConstant: Bool { notFinite == 0 && spread <= 1e-6 * abs(mean) }
}
