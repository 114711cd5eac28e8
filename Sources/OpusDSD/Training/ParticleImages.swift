import CryoEM
import Torch

/// Prepared images of one stage: cropped to its box, moved to their origins, noise of variance 1.
public protocol ImageSource: Sendable {
    var count: Int { get }
    /// Images [indices.count, R, R], float32.
    func images(_ indices: [Int]) throws -> Tensor
}

/// What training knows of every particle beside its image.
public struct ParticleTable: Sendable {
    public let poses: [EulerAngles]
    public let rotations: [Rotation]
    public let ctf: [CTFParameters]
    /// View class of every particle (METHOD 4.1).
    public let classes: [Int]

    /// What poses and images have changed by since they were read; nil for nothing.
    public let changes: PoseChanges?

    /// - Parameters:
    ///   - classes: view classes where they are not those of the poses: refined poses keep the classes, and
    ///     so the batches, of those of the particle file.
    ///   - changes: that have led to the poses.
    public init(
        poses: [EulerAngles], ctf: [CTFParameters], classes: [Int]? = nil, changes: PoseChanges? = nil
    ) {
        precondition(poses.count == ctf.count, "a pose and a CTF for every particle are wanted")
        self.poses = poses
        self.ctf = ctf
        rotations = poses.map(\.rotation)
        self.classes = classes ?? poses.map { ViewClass.index($0) }
        self.changes = changes
    }

    public var count: Int { poses.count }
}

/// A batch on the device.
public struct ParticleBatch: Sendable {
    public let indices: [Int]
    /// The same numbers, int64 [B].
    public let rows: Tensor
    /// Transforms of the images, [B, R, R/2+1].
    public let spectra: Tensor
    /// Stored pose first, then local tilts: [B, K, 3, 3].
    public let rotations: Tensor
    /// CTF times the projection filter, [B, R, R/2+1].
    public let transfer: Tensor
    /// Sign of the CTF, [B, R, R/2+1].
    public let phase: Tensor
    /// View classes, int64 [B].
    public let classes: Tensor
    /// Codes of the volumes that its images share, [B / images a volume, Z]; nil: each has its own.
    var volumeCodes: Tensor?

    /// [B, R, R], made from the transforms.
    public var images: Tensor { spectra.irfft2(spectra.size(1), spectra.size(1)) }

    /// Images that see a volume.
    var imagesPerVolume: Int { volumeCodes.map { indices.count / max(1, $0.size(0)) } ?? 1 }

    /// The same in pieces of at most `size` volumes; one piece where `size` is 0.
    func pieces(of volumes: Int) -> [ParticleBatch] {
        let size = volumes * imagesPerVolume
        guard size > 0, size < indices.count else { return [self] }
        return stride(from: 0, to: indices.count, by: size).map { from in
            let count = min(size, indices.count - from)
            func part(_ tensor: Tensor) -> Tensor { tensor.narrow(0, from, count) }
            return ParticleBatch(
                indices: Array(indices[from..<(from + count)]), rows: part(rows), spectra: part(spectra),
                rotations: part(rotations), transfer: part(transfer), phase: part(phase),
                classes: part(classes),
                volumeCodes: volumeCodes?.narrow(0, from / imagesPerVolume, count / imagesPerVolume))
        }
    }
}
