import Torch

/// Images to reconstruct from, with what belongs to each.
public struct ReconstructionBatch: Sendable {
    /// [batch, box, box], the particle's origin at index box/2.
    public var images: Tensor
    /// Transfer functions [batch, box, box/2 + 1].
    public var ctf: Tensor
    /// Volume to image.
    public var rotations: [Rotation]
    /// Half set of each image, 1 or 2.
    public var halves: [Int]
    /// Weight of each image; 0 leaves it out.
    public var weights: [Float]

    public init(images: Tensor, ctf: Tensor, rotations: [Rotation], halves: [Int], weights: [Float]? = nil) {
        self.images = images
        self.ctf = ctf
        self.rotations = rotations
        self.halves = halves
        self.weights = weights ?? Array(repeating: 1, count: rotations.count)
    }
}
