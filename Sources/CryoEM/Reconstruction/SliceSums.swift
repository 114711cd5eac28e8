import Foundation
import Torch

/// Sums of central slices in Fourier space, from which a volume is made: CTF-corrected back-projection.
///
/// `sum = Σ w CTF F` and `weight = Σ w CTF²`, spread over the eight nearest voxels of a half space of side
/// `padding · box` at `padding · Rᵀ k`. Sums do not depend on the number of workers nor on how images are cut
/// into batches.
public final class SliceSums {
    /// Side of the images and of the volume.
    public let box: Int
    /// Oversampling of the Fourier volume.
    public let padding: Int
    /// Largest frequency that is used, in shells of the box.
    public let maximumRadius: Double
    /// Images added with a weight other than 0.
    public private(set) var count = 0

    private var real: Tensor
    private var imaginary: Tensor
    private var weight: Tensor
    private let workers: WorkerPool?

    private static let insertSlices = Operator("dsd::insert_slices")
    private static let symmetriseSlices = Operator("dsd::symmetrise_slices")
    private static let shellWeights = Operator("dsd::shell_weights")
    private static let divideSlices = Operator("dsd::divide_slices")

    /// - Parameters:
    ///   - maximumRadius: nil takes all frequencies below Nyquist.
    ///   - workers: share the work; nil works on the caller's thread.
    /// - Precondition: `box` is even, `padding` is 1 or more.
    public init(
        box: Int, padding: Int = 2, maximumRadius: Double? = nil, workers: WorkerPool? = nil
    ) throws(TorchError) {
        precondition(box % 2 == 0 && box > 0 && padding >= 1, "a box \(box) padded \(padding) times")
        self.box = box
        self.padding = padding
        self.workers = workers
        self.maximumRadius = min(maximumRadius ?? .infinity, Double(box / 2) - 1e-3)
        let side = padding * box
        let shape = [side, side, side / 2 + 1]
        real = try Tensor.zeros(shape).checked()
        imaginary = try Tensor.zeros(shape).checked()
        weight = try Tensor.zeros(shape).checked()
    }

    /// Adds images.
    /// - Parameters:
    ///   - images: [batch, box, box], the particle's origin at index box/2.
    ///   - ctf: transfer functions [batch, box, box/2 + 1].
    ///   - rotations: volume to image.
    ///   - weights: of each image; 0 leaves it out.
    public func insert(_ images: Tensor, ctf: Tensor, rotations: [Rotation], weights: [Float]) throws {
        try insert([(try Slices(images, ctf: ctf, rotations: rotations), weights)])
    }

    /// Adds slices in the order given, with a weight for each.
    func insert(_ list: [(slices: Slices, weights: [Float])]) throws {
        let list = list.filter { $0.weights.contains { $0 != 0 } }.map { slices, weights in
            (slices: slices, weights: Tensor(weights, shape: [weights.count]), values: weights)
        }
        guard !list.isEmpty else { return }
        let (padding, radius) = (padding, maximumRadius)
        let (real, imaginary, weight) = (real, imaginary, weight)
        // Each part adds to a slab of z of its own, so the parts can share the sums.
        try eachPart { part, parts throws(TorchError) in
            for entry in list {
                try Self.insertSlices.results(
                    .tensor(real), .tensor(imaginary), .tensor(weight), .tensor(entry.slices.transforms),
                    .tensor(entry.slices.ctf), .tensor(entry.slices.matrices), .tensor(entry.weights),
                    .int(padding), .double(radius), .int(part), .int(parts))
            }
        }
        count += list.reduce(0) { $0 + $1.values.count { $0 != 0 } }
    }

    /// Adds all that `next` gives, each half set to the sums of its own.
    static func insert(_ next: () throws -> [SliceBatch]?, halves: [SliceSums]) throws {
        while let batches = try next() {
            for (place, sums) in halves.enumerated() {
                try sums.insert(batches.map { ($0.slices, $0.weights(half: place + 1)) })
            }
        }
    }

    /// Calls `body` with part and number of parts, one part a worker.
    private func eachPart(_ body: @escaping @Sendable (Int, Int) throws(TorchError) -> Void) throws {
        guard let workers else { return try body(0, 1) }
        let parts = workers.count
        _ = try workers.map { part in try body(part, parts) }
    }

    /// Adds up what the sums hold at every place that the group takes a place to: as if every image had come
    /// once with each of the group's views.
    public func symmetrise(_ group: PointGroup) throws {
        guard group.order > 1 else { return }
        let (real, imaginary, weight) = (real, imaginary, weight)
        let (re, im, den) = (Tensor.zeros(real.shape), Tensor.zeros(real.shape), Tensor.zeros(real.shape))
        let rotations = Slices.matrices(group.rotations)
        let (padding, radius) = (padding, maximumRadius)
        try eachPart { part, parts throws(TorchError) in
            try Self.symmetriseSlices.results(
                .tensor(re), .tensor(im), .tensor(den), .tensor(real), .tensor(imaginary), .tensor(weight),
                .tensor(rotations), .int(padding), .double(radius), .int(part), .int(parts))
        }
        (self.real, self.imaginary, self.weight) = (re, im, den)
    }

    /// Adds the sums of another half.
    public func add(_ other: SliceSums) throws(TorchError) {
        try real.add(inPlace: other.real)
        try imaginary.add(inPlace: other.imaginary)
        try weight.add(inPlace: other.weight)
        count += other.count
    }

    /// Sums of both halves, in memory of their own.
    func adding(_ other: SliceSums) throws(TorchError) -> SliceSums {
        let both = try SliceSums(box: box, padding: padding, maximumRadius: maximumRadius, workers: workers)
        try both.add(self)
        try both.add(other)
        return both
    }

    /// Mean of `Σ w CTF²` per voxel of the oversampled volume at the shells 0, 1 ... box/2.
    public func meanWeights() throws(TorchError) -> [Double] {
        try Self.shellWeights(.tensor(weight), .int(padding)).doubles()
    }

    /// The volume [box, box, box], centred on index box/2: sums divided by `weight + prior`, brought back to
    /// real space and freed of the interpolation's envelope.
    ///
    /// Where the weights are below a thousandth of their shell's mean they are raised to that, as RELION
    /// does.
    /// - Parameter prior: what is added to the weights at the shells 0, 1 ... box/2: `Σ w CTF² / SSNR` is
    ///   Wiener's; nil adds nothing.
    public func volume(prior: [Double]? = nil) throws(TorchError) -> Tensor {
        let means = try meanWeights()
        let least = Tensor(means.map { max($0 / 1000, .leastNormalMagnitude) }, shape: [means.count])
        let extra = Tensor(prior ?? Array(repeating: 0, count: means.count), shape: [means.count])
        let f = Self.divideSlices(
            .tensor(real), .tensor(imaginary), .tensor(weight), .tensor(extra), .tensor(least), .int(padding),
            .double(maximumRadius))
        let side = padding * box
        let start = (side - box) / 2
        var volume = f.irfftn([side, side, side], [0, 1, 2])
        for axis in 0..<3 { volume = volume.narrow(axis, start, box) }
        for shape in [[box, 1, 1], [1, box, 1], [1, 1, box]] {
            volume = volume * Tensor(griddingCorrection, shape: shape)
        }
        return try volume.contiguous().checked()
    }

    /// Trilinear spreading in Fourier space multiplies the volume by `sinc²(x / P)` along each axis; this is
    /// the inverse.
    private var griddingCorrection: [Float] {
        (0..<box).map { index in
            let x = Double.pi * Double(index - box / 2) / Double(padding * box)
            return Float(x == 0 ? 1 : (x / sin(x)) * (x / sin(x)))
        }
    }
}
