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
        /// Symmetry of the maps.
        public var symmetry = PointGroup.c1

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
    ///   - workers: share the work; nil works on the caller's thread.
    ///   - next: gives batches until it gives nil.
    /// - Throws: `DataError` for an empty half set, `TorchError` from libtorch, and what `next` throws.
    public init(
        box: Int, pixelSize: Double, settings: Settings = Settings(), mask: SolventMask? = nil,
        workers: WorkerPool? = nil, next: () throws -> ReconstructionBatch?
    ) throws {
        try self.init(box: box, pixelSize: pixelSize, settings: settings, mask: mask, workers: workers,
            slices: { try next().map { [try SliceBatch($0)] } })
    }

    /// - Parameter slices: gives slices, in the order in which they are added, until it gives nil.
    init(
        box: Int, pixelSize: Double, settings: Settings, mask: SolventMask?, workers: WorkerPool?,
        slices next: () throws -> [SliceBatch]?
    ) throws {
        let radius = settings.resolutionLimit.map { Double(box) * pixelSize / $0 }
        let sums = try [1, 2].map { _ in
            try SliceSums(box: box, padding: settings.padding, maximumRadius: radius, workers: workers)
        }
        try SliceSums.insert(next, halves: sums)
        counts = (sums[0].count, sums[1].count)
        guard counts.0 > 0, counts.1 > 0 else {
            throw DataError(
                file: nil, "a half set has no images", found: "\(counts.0) and \(counts.1)",
                wanted: "images in both", remedy: "Use more particles or another division into halves")
        }
        for half in sums { try half.symmetrise(settings.symmetry) }
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

    /// The unfiltered map, weighted and sharpened by what the halves agree on.
    /// - Parameter bFactor: A², positive sharpens; nil estimates it.
    public func sharpened(bFactor: Double? = nil) throws -> DensityMap {
        let sharpening = Sharpening(fsc)
        return try sharpening.apply(unfiltered, bFactor: bFactor ?? sharpening.bFactor(of: unfiltered) ?? 0)
    }

    /// The B factor (A², positive) by which the unfiltered map's amplitudes fall off; see `Sharpening`.
    public func bFactor() throws -> Double? { try Sharpening(fsc).bFactor(of: unfiltered) }
}
