import CryoEM
import CryoIO
import Foundation
import Torch

/// Where the consensus and the mask of a run come from: the run folder of an earlier start, the user, or
/// the particles.
struct ConsensusSource {
    let record: RunRecord
    let folder: RunFolder
    let particles: ParticleSet

    func load(report: (String) -> Void, progress: RunData.Progress) throws -> (DensityMap, SolventMask) {
        let kept = FileManager.default.fileExists(atPath: folder.mask)
        // A mask that cannot be used is told of before the work on the consensus.
        let known = try (kept ? folder.mask : record.inputs.mask).map {
            try SolventMask(path: $0, box: particles.box, pixelSize: particles.pixelSize)
        }
        let consensus = try consensus(report: report, progress: progress)
        if known == nil { report("no --mask: drawing one from the consensus; look at mask.mrc of the run") }
        let mask = try known ?? SolventMask(drawnFrom: consensus, file: folder.consensus)
        if !kept { try mask.map.write(to: folder.mask) }
        return (consensus, mask)
    }

    private func consensus(report: (String) -> Void, progress: RunData.Progress) throws -> DensityMap {
        if FileManager.default.fileExists(atPath: folder.consensus) { return try checked(folder.consensus) }
        let map: DensityMap
        if let given = record.inputs.consensus {
            map = try scaled(try checked(given), report: report, progress: progress)
        } else {
            report("no --consensus: reconstructing one from all particles")
            let prepared = try images(box: particles.box, report: report, progress: progress)
            let workers = WorkerPool(count: record.configuration.numerics.workers)
            let made = try Reconstruction(particles, prepared, workers: workers) {
                progress("reconstructing the consensus", $0, $1)
            }
            report(String(format: "consensus at %.1f A (half maps, FSC 0.143)", made.resolution))
            map = made.map
        }
        try map.write(to: folder.consensus)
        return map
    }

    private func checked(_ path: String) throws(DataError) -> DensityMap {
        let map = try DensityMap.read(path)
        guard map.isCube, map.side == particles.box else {
            throw DataError(
                file: path, "the consensus' box is not that of the particles", found: "\(map.size)",
                wanted: "\(particles.box)",
                remedy: "Give a map of the particles' box, or leave --consensus out and one is made.")
        }
        guard map.values.allSatisfy(\.isFinite) else {
            throw DataError(
                file: path, "the consensus has values that are not finite",
                remedy: "Leave --consensus out and one is made.")
        }
        return map
    }

    private func images(box: Int, report: (String) -> Void, progress: RunData.Progress) throws
        -> PreparedParticles
    {
        let prepared = try PreparedParticles(
            particles, Preparation(box: box, invert: record.inputs.invert), folder: folder.cache
        ) { progress("preparing images of \(box) pixels", $0, $1) }
        prepared.record.warnings.forEach { report("warning: \($0)") }
        return prepared
    }

    /// A map from elsewhere brought to the scale of the prepared images: the factor a that minimizes |y - a
    /// CTF P x|^2.
    private func scaled(_ map: DensityMap, report: (String) -> Void, progress: RunData.Progress) throws
        -> DensityMap
    {
        let box = min(particles.box, 64)
        let prepared = try images(box: box, report: report, progress: progress)
        let small = try FourierResize.map(map, to: box)
        let gain = pow(Double(particles.box) / Double(box), 2)
        let grid = VoxelGrid(weights: [Float](repeating: 1, count: box * box * box), side: box)
        let ctf = CTFGrid(box: box, pixelSize: prepared.pixelSize)
        let filter = ProjectionFilter.transfer(box: box, pixelSize: prepared.pixelSize)
        let volume = Tensor(small.values, shape: [1, box, box, box]) * gain
        var cross = 0.0
        var power = 0.0
        let step = max(1, particles.count / 1000)
        for rows in EpochPlan.chunks(Array(stride(from: 0, to: particles.count, by: step)), of: 50) {
            let poses = Tensor(
                rows.flatMap { particles.angles[$0].rotation.rowMajor }, shape: [1, rows.count, 3, 3])
            let projected = Projector.project(volume, poses, grid, box: box).select(0, 0)
            let predicted = (projected.rfft2() * ctf.evaluate(rows.map { particles.ctf[$0] }) * filter)
                .irfft2(box, box)
            cross += try (predicted * prepared.images(rows)).sum().item()
            power += try predicted.square().sum().item()
        }
        guard power > 0, cross > 0 else {
            throw DataError(
                file: record.inputs.consensus, "the consensus does not correlate with the images",
                found: "\(cross)",
                wanted: "a positive sum",
                remedy: "Check poses and contrast (--invert), or leave --consensus out and one is made.")
        }
        let scale = cross / power
        report(String(format: "the consensus is scaled by %.3g to the images", scale))
        var result = map
        result.values = map.values.map { $0 * Float(scale) }
        result.pixelSize = particles.pixelSize
        return result
    }
}
