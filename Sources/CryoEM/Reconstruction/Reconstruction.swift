import CryoIO
import Foundation
import Torch

/// A homogeneous reconstruction: two half maps and the map of all images, regularised by what the halves
/// agree on.
///
/// Densities are in the units of the images: summed along z a map gives the CTF-free image of that view.
public struct Reconstruction: Sendable {
    public struct Settings: Sendable, Equatable, Codable {
        /// Oversampling of the Fourier volume.
        public var padding = 2
        /// Highest resolution that is used, Angstrom; nil goes to Nyquist.
        public var resolutionLimit: Double?
        /// Images a batch.
        public var batch = 64

        public init() {}
    }

    /// Reconstructions of the half sets, without prior.
    public let halves: (DensityMap, DensityMap)
    /// All images, divided as Wiener's filter: `Σ CTF F / (Σ CTF² + <Σ CTF²> / SSNR)` with
    /// `SSNR = 2 FSC / (1 - FSC)`.
    public let map: DensityMap
    /// All images, without prior: what sharpening starts from.
    public let unfiltered: DensityMap
    /// Of the half maps, inside the mask and freed of its effect where a mask is given.
    public let fsc: FSC
    /// With a mask, the curves that led to `fsc`.
    public let masked: MaskedFSC?
    /// Images of each half set.
    public let counts: (Int, Int)

    /// Resolution in Angstrom at FSC 0.143.
    public var resolution: Double { fsc.resolution(at: 0.143) }

    /// Reconstructs from any source of images.
    ///
    /// - Parameters:
    ///   - mask: for the shell correlation that decides the filter.
    ///   - next: gives batches until it gives nil.
    /// - Throws: `DataError` for an empty half set, `TorchError` from libtorch, and what `next` throws.
    public init(
        box: Int, pixelSize: Double, settings: Settings = Settings(), mask: SolventMask? = nil,
        next: () throws -> ReconstructionBatch?
    ) throws {
        let radius = settings.resolutionLimit.map { Double(box) * pixelSize / $0 }
        let sums = try [1, 2].map { _ in
            try SliceSums(box: box, padding: settings.padding, maximumRadius: radius)
        }
        while let batch = try next() {
            for half in 1...2 {
                let weights = zip(batch.halves, batch.weights).map { $0 == half ? $1 : 0 }
                guard weights.contains(where: { $0 != 0 }) else { continue }
                try sums[half - 1].insert(
                    batch.images, ctf: batch.ctf, rotations: batch.rotations, weights: weights)
            }
        }
        counts = (sums[0].count, sums[1].count)
        guard counts.0 > 0, counts.1 > 0 else {
            throw DataError(
                file: nil, "a half set has no images", found: "\(counts.0) and \(counts.1)",
                wanted: "images in both", remedy: "Use more particles or another division into halves")
        }
        func map(_ values: Tensor) throws -> DensityMap {
            DensityMap(cube: try SolventMask.softened(values).floats(), side: box, pixelSize: pixelSize)
        }
        halves = (try map(sums[0].volume()), try map(sums[1].volume()))
        if let mask {
            let curves = try MaskedFSC(halves, mask: mask.map)
            (masked, fsc) = (curves, curves.corrected)
        } else {
            (masked, fsc) = (nil, try FSC(halves.0, halves.1))
        }
        try sums[0].add(sums[1])
        unfiltered = try map(sums[0].volume())
        self.map = try map(sums[0].volume(prior: Self.prior(fsc, weights: sums[0].meanWeights())))
    }

    /// `<Σ CTF²> / SSNR` at each shell, for the sums over both halves. The correlation is kept between 0.001
    /// and 0.999, as in RELION.
    static func prior(_ fsc: FSC, weights: [Double]) -> [Double] {
        zip(fsc.values, weights).enumerated().map { shell, pair in
            // The mean density belongs to no noise and is not damped.
            if shell == 0 { return 0 }
            let f = min(0.999, max(0.001, pair.0))
            return pair.1 * (1 - f) / (2 * f)
        }
    }

    /// The unfiltered map, sharpened by `exp(bFactor s²/4)`, weighted by `sqrt(2 FSC / (1 + FSC))` (Rosenthal
    /// and Henderson, J Mol Biol 333, 2003) and cut off at the resolution.
    /// - Parameter bFactor: Å², positive sharpens; nil estimates it, see `bFactor()`.
    public func sharpened(bFactor: Double? = nil) throws -> DensityMap {
        let b = try bFactor ?? self.bFactor() ?? 0
        let limit = 1 / resolution
        let shell = fsc.frequency(1)
        return try RadialFilter.apply(unfiltered) { frequency in
            let k = min(frequency / shell, Double(fsc.values.count - 1))
            let low = Int(k)
            let high = min(low + 1, fsc.values.count - 1)
            let t = k - Double(low)
            let f = min(1, max(0, (1 - t) * fsc.values[low] + t * fsc.values[high]))
            let edge = SolventMask.cosine((frequency - limit) / shell, 4)
            return edge * (2 * f / (1 + f)).squareRoot() * exp(b * frequency * frequency / 4)
        }
    }

    /// The B factor (Å², positive) by which amplitudes fall off between 10 A and the resolution: Guinier's
    /// fit of the logarithm of the FSC-weighted mean amplitude against s². Nil where the resolution is 8 A or
    /// worse, as the fit then sees the molecule's shape.
    public func bFactor() throws -> Double? {
        guard resolution < 8 else { return nil }
        let n = unfiltered.side
        let shells = RadialShells(side: n, dimensions: 3)
        let f = Tensor(unfiltered.values, shape: [n, n, n]).rfftn([0, 1, 2])
        let power = try shells.sums(f.real().square() + f.imaginary().square()).doubles()
        let number = try shells.sums(Tensor.ones([n, n, n / 2 + 1])).doubles()
        var points: [(x: Double, y: Double)] = []
        for k in 1..<fsc.values.count {
            let s = fsc.frequency(Double(k))
            let correlation = fsc.values[k]
            guard s >= 0.1, s <= 1 / resolution, correlation > 0, power[k] > 0 else { continue }
            let weight = (2 * correlation / (1 + correlation)).squareRoot()
            points.append((s * s, log(weight * (power[k] / number[k]).squareRoot())))
        }
        guard points.count >= 3 else { return nil }
        let x = points.map(\.x)
        let y = points.map(\.y)
        let meanX = x.reduce(0, +) / Double(x.count)
        let meanY = y.reduce(0, +) / Double(y.count)
        var covariance = 0.0
        var variance = 0.0
        for (x, y) in points {
            covariance += (x - meanX) * (y - meanY)
            variance += (x - meanX) * (x - meanX)
        }
        return max(0, -4 * covariance / variance)
    }
}
