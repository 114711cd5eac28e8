import CryoEM
import CryoIO
import Foundation
import Report

/// A card for each cluster: its reconstruction, the decoded map at its centre, and the curve of its half
/// maps.
struct StateCards {
    let folder: AnalysisFolder
    let outcome: LatentAnalysis.Outcome
    let truth: KnownTruth?
    let volumes: StateVolumes
    /// Gives a path as it is linked from the report.
    let link: (String) -> String

    func cards() throws -> [StructuralState] {
        try outcome.reconstructions.map { made in
            let k = made.cluster
            let count = outcome.clusters.clustering.counts[k]
            var slices: [GrayscaleImage] = []
            var projections: [GrayscaleImage] = []
            var surfaces: [ReportVolume] = []
            func show(_ path: String, _ name: String) throws {
                let map = try DensityMap.read(path)
                slices += Self.named(GrayscaleImage.centralSlices(of: map), name)
                projections += Self.named(GrayscaleImage.projections(of: map), name)
                surfaces.append(try volumes.volume(map, name: name))
            }
            if made.curves != nil { try show(folder.reconstruction(k), "reconstruction") }
            try show(folder.decoded(k), "decoded")
            var state = StructuralState(
                name: name(k) + (made.curves == nil ? " (no half maps)" : ""), category: k, count: count,
                share: Double(count) / Double(outcome.codes.rows), resolution: made.resolution,
                resolutionCriterion: "FSC = 0.143 of half maps", slices: slices, projections: projections,
                fsc: Self.curves(made, outcome.evidence.first { $0.cluster == k }),
                mapPath: link(made.curves == nil ? folder.decoded(k) : folder.reconstruction(k)))
            state.volumes = surfaces
            state.differences = try Self.named(
                GrayscaleImage.centralSlices(of: DensityMap.read(folder.difference(k))), "change")
            return state
        }
    }

    /// `Cluster 3: state 5, 98 % pure`
    private func name(_ cluster: Int) -> String {
        guard let (state, share) = truth?.majority(of: cluster) else { return "Cluster \(cluster)" }
        return "Cluster \(cluster): state \(state), " + String(format: "%.0f %% pure", 100 * share)
    }

    /// "XY slice" becomes "XY, reconstruction".
    private static func named(_ images: [GrayscaleImage], _ name: String) -> [GrayscaleImage] {
        images.map { image in
            var image = image
            image.caption = "\(image.caption.prefix(2)), \(name)"
            return image
        }
    }

    private static func curves(_ made: ClusterReconstruction, _ evidence: MapEvidence?) -> [FSCCurve] {
        [
            made.curves.map { curve("half maps", $0.corrected) },
            evidence?.mutual.map { curve("decoded and reconstruction", $0) },
        ].compactMap { $0 }
    }

    private static func curve(_ name: String, _ fsc: FSC) -> FSCCurve {
        FSCCurve(
            name: name, frequencies: fsc.values.indices.map { fsc.frequency(Double($0)) },
            correlations: fsc.values)
    }
}
