import CryoEM
import CryoIO
import Foundation
import Torch

extension PreparedParticles: ImageSource {}

/// Particles, consensus and mask of a run, and the stages made from them.
public struct RunData: Sendable {
    public let record: RunRecord
    public let folder: RunFolder
    /// With the poses of the round.
    public private(set) var particles: ParticleSet
    /// How often poses have been refined: 0 are those of the particle file.
    public private(set) var poseRound = 0
    public private(set) var table: ParticleTable
    /// With the poses of the particle file.
    private let stored: ParticleSet
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
        stored = try ParticleSet(path: inputs.particles, reading: inputs.reading)
        stored.warnings.forEach { report("warning: \($0)") }
        particles = stored
        var resolved = record
        resolved.configuration.stages = record.configuration.stages(fullBox: particles.box)
        self.record = resolved
        guard particles.count >= 2 else {
            throw DataError(
                file: inputs.particles, "training wants at least two particles", found: "\(particles.count)")
        }
        table = ParticleTable(poses: stored.angles, ctf: stored.ctf)
        let source = ConsensusSource(record: record, folder: folder, particles: stored)
        (consensus, mask) = try source.load(report: report, progress: progress)
    }

    /// Particles of a run with the poses that its best epoch was trained with; nil where those are the
    /// file's.
    public static func refinedParticles(_ folder: RunFolder) throws -> ParticleSet? {
        let inputs = try RunRecord.read(folder.configuration).inputs
        let round = try Checkpoint(path: folder.bestCheckpoint).state.poseRound
        guard round > 0 else { return nil }
        let stored = try ParticleSet(path: inputs.particles, reading: inputs.reading)
        return try stored.changed(by: PoseChanges(path: folder.poses(round: round), count: stored.count))
    }

    /// The same run with the poses of a round.
    func round(_ poseRound: Int) throws -> RunData {
        guard poseRound > 0, poseRound != self.poseRound else { return self }
        let changes = try PoseChanges(path: folder.poses(round: poseRound), count: stored.count)
        var other = self
        other.poseRound = poseRound
        other.particles = stored.changed(by: changes)
        other.table = ParticleTable(
            poses: other.particles.angles, ctf: stored.ctf, classes: table.classes, changes: changes)
        return other
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
        let images = try prepared(box: geometry.box, progress: progress)
        let consensus = poseRound > 0 ? try refinedConsensus(images, progress: progress) : self.consensus
        let data = try StageData(
            record.configuration, geometry: geometry, particles: table, images: images,
            consensus: consensus.values, mask: mask.map.values, device: device)
        return record.configuration.objective.noiseWeights
            ? data.weighing(try noise(images).whitening) : data
    }

    /// The consensus with refined poses, as sharp as the box of a stage allows, in the box of the particles.
    private func refinedConsensus(_ images: PreparedParticles, progress: Progress) throws -> DensityMap {
        let path = folder.consensus(round: poseRound, box: images.box)
        if !FileManager.default.fileExists(atPath: path) {
            let workers = WorkerPool(count: record.configuration.numerics.workers)
            let made = try Reconstruction(particles, images, workers: workers) {
                progress("reconstructing the consensus", $0, $1)
            }
            try made.map.write(to: path)
        }
        let small = try DensityMap.read(path)
        guard small.isCube, small.side == images.box else {
            throw DataError(
                file: path, "the consensus' box is not that of the stage", found: "\(small.size)",
                wanted: "\(images.box)", remedy: "Delete the file; it is made again.")
        }
        var map = try FourierResize.map(small, to: particles.box)
        let gain = pow(Double(images.box) / Double(particles.box), 2)
        map.values = map.values.map { $0 * Float(gain) }
        return map
    }
}
