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

    /// - Parameters:
    ///   - pixels: `[box][box]`.
    ///   - inside: the columns of a row that belong to the particle, ascending.
    init(_ pixels: UnsafeBufferPointer<Float>, box: Int, inside: (_ row: Int) -> [Range<Int>]) {
        // Squares are taken about one pixel, which counts of electrons can carry far from 0.
        let offset = pixels.first(where: \.isFinite) ?? 0
        var (all, particle) = (Sums(), Sums())
        for row in 0..<box {
            let first = row * box
            all.add(Sums(pixels, first..<first + box, offset: offset))
            for columns in inside(row) {
                particle.add(
                    Sums(pixels, first + columns.lowerBound..<first + columns.upperBound, offset: offset))
            }
        }
        notFinite = all.notFinite
        let count = Double(max(1, all.count))
        let outsideCount = Double(max(1, all.count - particle.count))
        let middle = all.sum / count
        let background = (all.sum - particle.sum) / outsideCount
        spread = max(0, all.squares / count - middle * middle).squareRoot()
        mean = Double(offset) + background
        deviation = max(0, (all.squares - particle.squares) / outsideCount - background * background)
            .squareRoot()
        contrast = particle.count > 0 ? particle.sum / Double(particle.count) - background : 0
        let farthest = max(Double(all.high) - middle, middle - Double(all.low))
        extreme = spread > 0 && farthest.isFinite ? farthest / spread : 0
    }

    /// Standard deviation of the background, or of all pixels where there is no noise around the particle.
    var scale: Double { deviation > 1e-6 * spread ? deviation : spread }

    var isConstant: Bool { notFinite == 0 && spread <= 1e-6 * abs(mean) }
}

extension PixelStatistics {
    /// Sums over finite pixels less `offset`.
    private struct Sums {
        var (count, notFinite) = (0, 0)
        var (sum, squares) = (0.0, 0.0)
        var (low, high) = (Float.infinity, -Float.infinity)

        init() {}

        init(_ pixels: UnsafeBufferPointer<Float>, _ range: Range<Int>, offset: Float) {
            typealias Lanes = SIMD8<Float>
            let whole = range.count / Lanes.scalarCount
            let start = UnsafeRawPointer(pixels.baseAddress! + range.lowerBound)
            var (sums, squared) = (Lanes.zero, Lanes.zero)
            var (lows, highs) = (Lanes(repeating: .infinity), Lanes(repeating: -.infinity))
            let shift = Lanes(repeating: offset)
            for block in 0..<whole {
                let value =
                    start.loadUnaligned(fromByteOffset: block * MemoryLayout<Lanes>.size, as: Lanes.self)
                    - shift
                sums += value
                squared += value * value
                lows.replace(with: value, where: value .< lows)
                highs.replace(with: value, where: value .> highs)
            }
            (sum, squares) = (Double(sums.sum()), Double(squared.sum()))
            (low, high) = (lows.min(), highs.max())
            count = whole * Lanes.scalarCount
            // A sum of squares is no number where a pixel is none; then each is looked at.
            let isWhole = squares.isFinite
            if !isWhole { self = Sums() }
            for index in range.dropFirst(isWhole ? count : 0) { add(pixels[index], offset: offset) }
        }

        private mutating func add(_ pixel: Float, offset: Float) {
            guard pixel.isFinite else {
                notFinite += 1
                return
            }
            let value = Double(pixel) - Double(offset)
            count += 1
            sum += value
            squares += value * value
            low = min(low, Float(value))
            high = max(high, Float(value))
        }

        mutating func add(_ other: Sums) {
            count += other.count
            notFinite += other.notFinite
            sum += other.sum
            squares += other.squares
            low = min(low, other.low)
            high = max(high, other.high)
        }
    }
}
