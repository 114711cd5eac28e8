import CryoEM
import CryoIO
import Foundation
import Torch

/// Everything a stage needs to turn particle numbers into the encoder's input and volumes into predicted
/// images.
public struct StageData: Sendable {
    public let geometry: StageGeometry
    public private(set) var particles: ParticleTable
    /// In-mask voxels of the decoder's volume, with the soft mask as weight.
    package let volumeGrid: VoxelGrid
    /// The same voxels with weight 1, for projected masks.
    let hardGrid: VoxelGrid
    package let encoderGrid: VoxelGrid
    /// Consensus on the volume grid in units of the stage's images; zero where there is none. [1, T, T, T]
    package let consensus: Tensor
    package let hasConsensus: Bool
    /// Standard deviation of the consensus inside the mask.
    public let consensusSpread: Double
    /// Mask on the volume grid, [T^3].
    public let mask: [Float]
    /// Cube for TV and L1.
    package let priorRange: Range<Int>
    /// Largest projected mask area over directions, pixels.
    public let largestArea: Double

    private var source: any ImageSource
    private let ctfGrid: CTFGrid
    private let filter: Tensor
    let phaseRamp: PhaseRamp
    private let localTilts: [Rotation]
    private let configuration: Configuration
    let imageError: ImageError
    let normalization: Configuration.AreaNormalization
    /// V = consensus + gain * dec(z), where there is a consensus and the configuration wants it.
    let addsConsensus: Bool
    public let device: Device
    /// Factors on the transforms of images and of what is compared with them, [R, R/2+1], under which their
    /// noise is white; nil: all are 1.
    private(set) var weights: Tensor?

    /// - Parameters:
    ///   - consensus: side D, sums along z make the particles; nil where there is none.
    ///   - mask: side D, 0 to 1.
    public init(
        _ configuration: Configuration, geometry: StageGeometry, particles: ParticleTable,
        images: any ImageSource,
        consensus: [Float]?, mask: [Float], device: Device
    ) throws {
        let resampling = VolumeResampling(geometry)
        let g = geometry
        self.geometry = g
        self.particles = particles
        self.configuration = configuration
        imageError = ImageError(mask: configuration.objective.errorMask)
        normalization = configuration.objective.area
        addsConsensus = configuration.model.base == .consensus && consensus != nil
        self.device = device
        source = images
        let coarse = resampling.mask(mask, toSide: g.volumeSide)
        guard coarse.contains(where: { $0 > 0 }) else {
            throw DataError(
                file: nil, "the mask is empty at a box of \(g.box) pixels",
                remedy: "Give a larger mask, or make one with dsd mask.")
        }
        self.mask = coarse
        let wide = configuration.numerics.convolutions == .float64
        let dtype: DType = wide ? .float64 : .float32
        let voxelVolume = pow(g.volumePitch, 3)
        volumeGrid = VoxelGrid(
            weights: coarse, side: g.volumeSide, pitch: g.volumePitch, scale: voxelVolume, dtype: dtype
        ).to(device)
        hardGrid = VoxelGrid(
            weights: coarse.map { $0 > 0 ? 1 : 0 }, side: g.volumeSide, pitch: g.volumePitch, dtype: dtype
        ).to(device)
        encoderGrid = VoxelGrid(
            weights: resampling.mask(mask, toSide: g.encoderSide), side: g.encoderSide, pitch: g.encoderPitch,
            dtype: dtype
        ).to(device)
        let density = try consensus.map { try resampling.density($0) }
        hasConsensus = density != nil
        let values = density ?? [Float](repeating: 0, count: coarse.count)
        let t = g.volumeSide
        self.consensus = Tensor(values, shape: [1, t, t, t]).to(dtype).to(device)
        consensusSpread = Self.spread(values, coarse)
        priorRange = VolumePrior.range(mask: coarse, side: t)
        ctfGrid = CTFGrid(box: g.box, pixelSize: g.pixelSize, device: device)
        filter = ProjectionFilter.transfer(
            box: g.box, pixelSize: g.pixelSize, bFactor: configuration.objective.bFactor, dtype: dtype
        ).to(device)
        phaseRamp = PhaseRamp(box: g.box, dtype: dtype, device: device)
        let search = configuration.poseSearch
        localTilts = search.enabled ? Rotation.localTilts(spacing: search.tilt) : [.identity]
        largestArea = try Self.largestArea(hardGrid, box: g.box)
    }

    /// The same stage with other particles.
    package func showing(_ images: any ImageSource, of table: ParticleTable) -> StageData {
        var other = self
        (other.source, other.particles) = (images, table)
        return other
    }

    /// The same stage with frequencies weighed by these factors, [R, R/2+1]; nil: all alike.
    package func weighing(_ weights: Tensor?) -> StageData {
        var other = self
        other.weights = weights.map { $0.to(volumeGrid.voxels.dtype).to(device) }
        return other
    }

    private static func spread(_ values: [Float], _ mask: [Float]) -> Double {
        var sum = 0.0
        var squares = 0.0
        var count = 0.0
        for (value, inside) in zip(values, mask) where inside > 0 {
            sum += Double(value)
            squares += Double(value) * Double(value)
            count += 1
        }
        return max(0, squares / count - (sum / count) * (sum / count)).squareRoot()
    }

    private static func largestArea(_ grid: VoxelGrid, box: Int) throws -> Double {
        let healpix = HEALPix(nside: 2)
        let rotations = (0..<healpix.pixelCount).map { pixel -> Rotation in
            let (theta, phi) = healpix.direction(nested: pixel)
            return EulerAngles(rot: phi * 180 / .pi, tilt: theta * 180 / .pi, psi: 0).rotation
        }
        let ones = Tensor.ones(
            [1, grid.side, grid.side, grid.side], grid.voxels.dtype, on: grid.voxels.device)
        let poses = Tensor(rotations.flatMap(\.rowMajor), shape: [1, rotations.count, 3, 3])
            .to(grid.voxels.dtype).to(grid.voxels.device)
        let areas = (Projector.project(ones, poses, grid, box: box) > Self.maskThreshold).to(.float32).sum([
            2, 3,
        ])
        return max(1, try areas.max().item())
    }

    /// A projected mask counts where more than this lies along the ray, in voxels.
    private static let maskThreshold = 0.05

    /// The particles `indices`, whose images are read here.
    public func batch(_ indices: [Int]) throws -> ParticleBatch {
        let dtype = volumeGrid.voxels.dtype
        let poses = indices.flatMap { index -> [Float] in
            localTilts.flatMap { ($0 * particles.rotations[index]).rowMajor }
        }
        let ctf = ctfGrid.evaluate(indices.map { particles.ctf[$0] }).to(dtype)
        var spectra = centred(try source.images(indices).to(device).to(dtype), indices)
        var transfer = contrasts(indices).map { ctf * filter * $0 } ?? ctf * filter
        if let weights {
            (spectra, transfer) = (spectra * weights, transfer * weights)
        }
        return ParticleBatch(
            indices: indices, rows: Tensor(indices: indices).to(device), spectra: spectra,
            rotations: Tensor(poses, shape: [indices.count, localTilts.count, 3, 3]).to(dtype).to(device),
            transfer: transfer, phase: ctf.sign(),
            classes: Tensor(indices: indices.map { particles.classes[$0] }).to(device))
    }

    /// A part of a batch with the codes of its volumes.
    func batch(_ planned: PlannedBatch) throws -> ParticleBatch {
        var batch = try batch(planned.indices)
        guard !planned.codes.isEmpty else { return batch }
        let volumes = planned.indices.count / planned.imagesPerVolume
        batch.volumeCodes = Tensor(planned.codes, shape: [volumes, planned.codes.count / volumes])
            .to(volumeGrid.voxels.dtype).to(device)
        return batch
    }

    /// Transforms of prepared images, moved by what refined poses say that the file's origins have left.
    private func centred(_ images: Tensor, _ indices: [Int]) -> Tensor {
        guard let changes = particles.changes else { return images.rfft2() }
        let still = FourierCrop(from: geometry.box, to: geometry.box, amplitude: .mean)
        return still.transform(images, shifts: changes.centring(indices, pixelSize: geometry.pixelSize))
    }

    /// What predictions of images are multiplied by, [B, 1, 1]; nil where all are 1.
    private func contrasts(_ indices: [Int]) -> Tensor? {
        particles.changes.map { changes in
            Tensor(indices.map { Float(changes.contrasts[$0]) }, shape: [indices.count, 1, 1])
                .to(volumeGrid.voxels.dtype).to(device)
        }
    }

    /// The image that the encoder is shown, Fourier-cropped to its box, noise of variance 1: [B, P, P]
    /// (METHOD 13.4).
    ///
    /// - Parameter keep: factors on the Fourier components, [B, R, R/2+1].
    package func encoderImages(_ batch: ParticleBatch, keep: Tensor? = nil) -> Tensor {
        let input = configuration.model.encoderInput
        let g = geometry
        if input == .raw && g.encoderBox == g.box && keep == nil && weights == nil { return batch.images }
        var f = batch.spectra
        if input == .residual && hasConsensus {
            f = f - projected(one: consensus, batch, volumeGrid).rfft2() * batch.transfer
        }
        // The encoder finds more in images whose noise is as they have it.
        if let weights { f = f / weights }
        if input != .raw { f = f * batch.phase }
        if let keep { f = f * keep }
        if g.encoderBox != g.box {
            f = FourierCrop(from: g.box, to: g.encoderBox, amplitude: .noise).cropped(f)
        }
        return f.irfft2(g.encoderBox, g.encoderBox)
    }

    /// Pseudo-volumes [B, E, E, E] of encoder images (METHOD 2.1: the look-up at the stored pose, times the
    /// mask).
    ///
    /// - Parameter tilts: applied after the stored poses, [B, 1, 3, 3].
    package func pseudoVolumes(_ images: Tensor, _ batch: ParticleBatch, tilts: Tensor? = nil) -> Tensor {
        let stored = batch.rotations.narrow(1, 0, 1)
        return Projector.lookup(images.unsqueeze(1), tilts.map { $0.matmul(stored) } ?? stored, encoderGrid)
    }

    /// Volumes [V, T, T, T] -> projections [B, K, R, R] at poses [B, K, 3, 3]; a volume is seen by the B / V
    /// images that follow each other.
    func project(_ volumes: Tensor, _ rotations: Tensor) -> Tensor {
        let (images, poses, r) = (rotations.size(0), rotations.size(1), geometry.box)
        let seen = volumes.size(0)
        guard seen != images, images % max(1, seen) == 0 else {
            return Projector.project(volumes, rotations, volumeGrid, box: r)
        }
        let together = rotations.reshape([seen, images / seen * poses, 3, 3])
        return Projector.project(volumes, together, volumeGrid, box: r).reshape([images, poses, r, r])
    }

    /// Volumes [B, T, T, T] -> predicted images [B, K, R, R].
    package func render(_ volumes: Tensor, rotations: Tensor, _ batch: ParticleBatch, shifts: Tensor? = nil)
        -> Tensor
    {
        let r = geometry.box
        var f = project(volumes, rotations).rfft2() * batch.transfer.unsqueeze(1)
        if let shifts { f = f * phaseRamp.factors(shifts) }
        return f.irfft2(r, r)
    }

    /// Projected masks, 0 or 1, at the stored poses: [B, R, R].
    package func projectedMask(_ batch: ParticleBatch) -> Tensor {
        let t = geometry.volumeSide
        let ones = Tensor.ones([1, t, t, t], hardGrid.voxels.dtype, on: device)
        return (projected(one: ones, batch, hardGrid) > Self.maskThreshold).to(hardGrid.voxels.dtype)
    }

    /// One volume [1, T, T, T] at the stored poses of all images of a batch, [B, R, R].
    private func projected(one volume: Tensor, _ batch: ParticleBatch, _ grid: VoxelGrid) -> Tensor {
        let poses = batch.rotations.narrow(1, 0, 1).reshape([1, batch.indices.count, 3, 3])
        return Projector.project(volume, poses, grid, box: geometry.box).select(0, 0)
    }
}
