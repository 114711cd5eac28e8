import Foundation
import Torch

/// How strong the noise of images is at each spatial frequency, from what they show outside of the particle.
public struct NoiseSpectrum: Sendable, Equatable {
    /// Side of the images, pixels.
    public let box: Int
    /// Mean square of a Fourier component, relative to white noise of variance 1, in the shells 0 ..<
    /// box/2. The window that leaves the corners of an image smears it over a few shells.
    public let power: [Double]

    public init(box: Int, power: [Double]) {
        precondition(power.count == box / 2, "a power for each shell below Nyquist is wanted")
        (self.box, self.power) = (box, power)
    }

    /// Images that are empty outside of the particle, because somebody has masked them, say nothing: their
    /// noise counts as white.
    ///
    /// - Parameters:
    ///   - radius: of the circle about pixel box/2 that holds the particle, pixels; at most box/2 - 1
    ///     counts, so that the corners are left.
    ///   - blocks: rows of images, as many as are to be held at a time.
    ///   - images: reads those of a block, [n, box, box].
    public init(
        box: Int, radius: Double, blocks: [[Int]], images: ([Int]) throws -> Tensor
    ) throws {
        let window = Self.window(box: box, radius: min(radius, Double(box / 2 - 1)))
        let area = try window.sum().item()
        let energy = try window.square().sum().item()
        let shells = RadialShells(side: box, dimensions: 2)
        let places = try shells.sums(Tensor.ones([box, box / 2 + 1], .float64)).doubles()
        var sums = [Double](repeating: 0, count: shells.count)
        var count = 0
        for rows in blocks {
            let block = try images(rows)
            let mean = (block * window).sum([1, 2]) / area
            let f = ((block - mean.reshape([-1, 1, 1])) * window).rfft2()
            let squares = (f * f.conjugate()).real().sum([0])
            for (shell, value) in try shells.sums(squares).doubles().enumerated() { sums[shell] += value }
            count += rows.count
        }
        var power = (0..<box / 2).map { sums[$0] / max(1, places[$0] * Double(count) * energy) }
        // The mean of what the window leaves has been taken away, and with it much of the first shells.
        if power.count > 2 { (power[0], power[1]) = (power[2], power[2]) }
        let least = 1e-3 * (power.max() ?? 1)
        let isEmpty = power.reduce(0, +) < Self.leastPower * Double(power.count)
        self.init(box: box, power: power.map { isEmpty ? 1 : max($0, least) })
    }

    /// Mean power of images whose noise has variance 1 below which there is none to be seen.
    private static let leastPower = 0.05

    /// 1 outside of the circle, 0 inside, with a soft edge of two pixels. [box, box]
    private static func window(box: Int, radius: Double) -> Tensor {
        let edge = 2.0
        let values = (0..<box * box).map { place -> Float in
            let (y, x) = (Double(place / box - box / 2), Double(place % box - box / 2))
            let beyond = ((y * y + x * x).squareRoot() - radius) / edge
            return Float(0.5 - 0.5 * cos(.pi * min(1, max(0, beyond))))
        }
        return Tensor(values, shape: [box, box])
    }

    /// Factors that make the noise white, of variance 1, on half-plane transforms: [box, box/2 + 1]. Those
    /// from Nyquist on are that of the last shell below.
    public var whitening: Tensor {
        let half = box / 2
        let values = (0..<box).flatMap { row -> [Float] in
            let y = Double(row < half ? row : row - box)
            return (0...half).map { column in
                let place = min((y * y + Double(column * column)).squareRoot(), Double(half - 1))
                let low = min(Int(place), max(0, half - 2))
                let share = place - Double(low)
                let between = (1 - share) * power[low] + share * power[min(low + 1, half - 1)]
                return Float(1 / between.squareRoot())
            }
        }
        return Tensor(values, shape: [box, half + 1])
    }
}
