import Torch

/// Images as central slices of a Fourier volume, ready to be summed.
struct Slices: Sendable {
    let count: Int
    /// [count, box, box/2 + 1] complex, phase origin at pixel (0, 0).
    let transforms: Tensor
    /// Transfer functions [count, box, box/2 + 1] float32.
    let ctf: Tensor
    /// Volume to image, [count, 3, 3] float32.
    let matrices: Tensor

    /// - Parameters:
    ///   - images: [count, box, box], the particle's origin at index box/2.
    ///   - ctf: transfer functions [count, box, box/2 + 1].
    ///   - rotations: volume to image.
    init(_ images: Tensor, ctf: Tensor, rotations: [Rotation]) throws(TorchError) {
        count = rotations.count
        transforms = try images.to(.cpu).to(.float32).rfft2().checked()
        self.ctf = try ctf.to(.cpu).to(.float32).checked()
        matrices = Self.matrices(rotations)
    }

    /// [count, 3, 3] float32
    static func matrices(_ rotations: [Rotation]) -> Tensor {
        Tensor(rotations.flatMap(\.rowMajor), shape: [rotations.count, 3, 3])
    }
}

/// Slices to add up, with what belongs to each.
struct SliceBatch: Sendable {
    var slices: Slices
    /// Half set of each, 1 or 2.
    var halves: [Int]
    /// Weight of each; 0 leaves it out.
    var weights: [Float]

    init(slices: Slices, halves: [Int], weights: [Float]) {
        (self.slices, self.halves, self.weights) = (slices, halves, weights)
    }

    init(_ batch: ReconstructionBatch) throws(TorchError) {
        self.init(
            slices: try Slices(batch.images, ctf: batch.ctf, rotations: batch.rotations),
            halves: batch.halves, weights: batch.weights)
    }

    /// Weights that leave out the other half set.
    func weights(half: Int) -> [Float] { zip(halves, weights).map { $0 == half ? $1 : 0 } }
}
