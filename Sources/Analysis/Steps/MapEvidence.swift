import CryoEM
import CryoIO
import Foundation
import OpusDSD

/// What a cluster's decoded map is worth: how far its particles' own reconstruction bears it out, and where
/// it differs from the consensus.
public struct MapEvidence: Sendable {
    public let cluster: Int
    /// Decoded map against the reconstruction, inside the run's mask; nil without a reconstruction.
    public let mutual: FSC?
    /// Root mean square of decoded map less consensus inside the mask, as a share of the consensus'.
    public let difference: Double

    /// Resolution in Angstrom up to which decoded map and reconstruction agree at FSC 0.5; nil where they
    /// never do.
    public var resolution: Double? {
        mutual.map { $0.resolution(at: 0.5) }.flatMap { $0.isFinite ? $0 : nil }
    }
}

/// Compares the maps of clusters that lie in a folder.
struct MapComparer {
    private let mask: DensityMap
    /// The consensus as the decoder sees it: of its resolution, inside the mask.
    private let consensus: DensityMap
    private let weights: [Float]

    init(_ run: Run) throws {
        mask = run.data.mask.map
        let full = run.data.consensus
        let box = run.stage.geometry.box
        let coarse =
            box < full.side ? try FourierResize.map(FourierResize.map(full, to: box), to: full.side) : full
        weights = mask.values
        consensus = coarse
    }

    /// Writes `difference_NNN.mrc`, decoded map less consensus, and `mutual_NNN.csv`.
    func compare(_ cluster: Int, hasReconstruction: Bool, folder: StagedFolder) throws -> MapEvidence {
        let decoded = try DensityMap.read(folder.file(AnalysisFolder.name("decoded", cluster, "mrc")))
        var difference = decoded
        var (squares, power) = (0.0, 0.0)
        for voxel in decoded.values.indices {
            let change = decoded.values[voxel] - consensus.values[voxel] * weights[voxel]
            difference.values[voxel] = change * weights[voxel]
            let weight = Double(weights[voxel])
            squares += weight * Double(change) * Double(change)
            power += weight * Double(consensus.values[voxel]) * Double(consensus.values[voxel])
        }
        try difference.write(to: folder.file(AnalysisFolder.name("difference", cluster, "mrc")))
        let share = power > 0 ? (squares / power).squareRoot() : 0
        guard hasReconstruction else { return MapEvidence(cluster: cluster, mutual: nil, difference: share) }
        let made = try DensityMap.read(folder.file(AnalysisFolder.name("reconstruction", cluster, "mrc")))
        let curve = try FSC(decoded, made, mask: mask)
        let rows = curve.values.enumerated().map { shell, value in
            String(format: "%.6f,%.5f", curve.frequency(Double(shell)), value)
        }
        try AtomicFile.write(
            text: (["frequency,fsc"] + rows).joined(separator: "\n") + "\n",
            to: folder.file(AnalysisFolder.name("mutual", cluster, "csv")))
        return MapEvidence(cluster: cluster, mutual: curve, difference: share)
    }
}
