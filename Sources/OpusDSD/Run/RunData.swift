import CryoEM
import CryoIO
import Foundation
import Torch

extension PreparedParticles: ImageSource {}

/// Particles, consensus and mask of a run, and the stages made from them.
public struct RunData: Sendable {
    public let record: RunRecord
    public let folder: RunFolder
    public let particles: ParticleSet
    public let table: ParticleTable
    /// Side D; sums along z make the particles as prepared.
    public let consensus: DensityMap
    public let mask: SolventMask
    public let device: Device

    /// Work under way: what it is, images done, images in all.
    public typealias Progress = (_ title: String, _ done: Int, _ all: Int) -> Void

    /// Loads the particles, and makes or takes over consensus and mask, which end up in the run folder.
    public init(
        _ record: RunRecord, folder: RunFolder, device: Device, report: (String) -> Void = { _ in },
        progress: Progress = { _, _, _ in }
    ) throws {
        self.folder = folder
        self.device = device
        let inputs = record.inputs
        particles = try ParticleSet(
            path: inputs.particles,
            reading: inputs.reading)
        particles.warnings.forEach { report("warning: \($0)") }
        var resolved = record
        resolved.configuration.stages = record.configuration.stages(fullBox: particles.box)
        self.record = resolved
        guard particles.count >= 2 else {
            throw DataError(
                file: inputs.particles, "training wants at least two particles", found: "\(particles.count)")
        }
        table = ParticleTable(poses: particles.angles, ctf: particles.ctf)
        let source = ConsensusSource(record: record, folder: folder, particles: particles)
        (consensus, mask) = try source.load(report: report, progress: progress)
    }

    /// The prepared images of a stage's box, kept in the run's cache.
    public func prepared(box: Int, progress: Progress = { _, _, _ in }) throws -> PreparedParticles {
        try PreparedParticles(
            particles, Preparation(box: box, invert: record.inputs.invert), folder: folder.cache
        ) { progress("preparing images of \(box) pixels", $0, $1) }
    }

    /// Sides and pixel sizes of a stage.
    public func geometry(_ stage: Configuration.Stage) -> StageGeometry {
        StageGeometry(
            fullBox: particles.box, fullPixelSize: particles.pixelSize, stage: stage,
            model: record.configuration.model,
            window: StageGeometry.window(mask: mask.map.values, side: mask.side))
    }

    public func stage(_ stage: Configuration.Stage, progress: Progress = { _, _, _ in }) throws -> StageData {
        let geometry = geometry(stage)
        return try StageData(
            record.configuration, geometry: geometry, particles: table,
            images: try prepared(box: geometry.box, progress: progress), consensus: consensus.values,
            mask: mask.map.values, device: device)
    }
}
