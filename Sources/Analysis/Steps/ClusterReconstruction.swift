import CryoEM
import CryoIO
import Foundation
import Torch

/// The reconstruction from the images of one cluster at the particles' box: maps on disk, curves in memory.
public struct ClusterReconstruction: Sendable {
    public let cluster: Int
    /// Images of each half set.
    public let counts: (Int, Int)
    /// Curves of the half maps in the run's mask; nil where a half set has no images and there are no maps.
    public let curves: MaskedFSC?
    /// Fall-off of the amplitudes, A^2 (Guinier's fit); nil where 8 A are not reached.
    public var bFactor: Double?

    /// Resolution in Angstrom at FSC 0.143 between the half maps, freed of the mask's effect; nil without
    /// half maps or where the curve is never above it.
    public var resolution: Double? { resolution(at: 0.143) }

    public func resolution(at threshold: Double) -> Double? {
        curves.map { $0.corrected.resolution(at: threshold) }.flatMap { $0.isFinite ? $0 : nil }
    }

    /// What a reader must know where there are no maps.
    public var note: String? {
        curves == nil
            ? "no half maps: \(counts.0) and \(counts.1) particles in the half sets; wanted: 1 in each"
            : nil
    }
}

/// Reconstructs every cluster with the run's poses, half sets and mask.
struct ClusterReconstructor {
    let particles: ParticleSet
    let prepared: PreparedParticles
    let halves: [Int]
    let mask: SolventMask
    /// Angstrom; that of the consensus, which the maps overlay.
    let origin: SIMD3<Double>
    /// Share the images; maps do not depend on how many there are.
    let workers: WorkerPool

    /// Writes `reconstruction_NNN.mrc` (regularised by what the halves agree on), `_half1`, `_half2` and
    /// `fsc_NNN.csv`.
    func reconstruct(
        _ cluster: Int, rows: [Int], folder: StagedFolder, progress: (_ done: Int, _ all: Int) -> Void
    ) throws -> ClusterReconstruction {
        let first = rows.count { halves[$0] == 1 }
        let counts = (first, rows.count - first)
        guard counts.0 > 0, counts.1 > 0 else {
            return ClusterReconstruction(cluster: cluster, counts: counts, curves: nil)
        }
        let made = try Reconstruction(
            particles, prepared, rows: rows, halves: halves, mask: mask, workers: workers, progress: progress)
        for (map, end) in [(made.map, ".mrc"), (made.halves.0, "_half1.mrc"), (made.halves.1, "_half2.mrc")] {
            var placed = map
            placed.origin = origin
            try placed.write(to: folder.file(String(format: "reconstruction_%03d", cluster) + end))
        }
        if let curves = made.masked {
            try AtomicFile.write(
                text: Self.csv(curves), to: folder.file(AnalysisFolder.name("fsc", cluster, "csv")))
        }
        return ClusterReconstruction(
            cluster: cluster, counts: counts, curves: made.masked, bFactor: try made.bFactor())
    }

    /// Frequencies in 1/Angstrom, resolutions in Angstrom; `fsc` is the masked curve freed of the mask's
    /// effect.
    private static func csv(_ curves: MaskedFSC) -> String {
        let columns = [curves.corrected, curves.unmasked, curves.masked, curves.randomised].map(\.values)
        let rows = curves.corrected.values.indices.map { shell in
            let frequency = curves.corrected.frequency(Double(shell))
            let resolution = shell > 0 ? String(format: "%.3f", 1 / frequency) : "inf"
            let values = columns.map { String(format: "%.5f", $0[shell]) }
            return ([String(format: "%.6f", frequency), resolution] + values).joined(separator: ",")
        }
        return (["frequency,resolution,fsc,unmasked,masked,randomised"] + rows).joined(separator: "\n") + "\n"
    }
}
