import CryoIO
import Foundation
import Latent

extension LatentAnalysis {
    /// All that the steps found.
    struct Findings {
        let components: PrincipalComponents
        let clusters: ClusterTables
        let mixture: MixtureTables?
        let landscape: Landscape?
        let uncertainty: CodeUncertainty?
        let embedding: Matrix?
        let path: StatePath?
        let reconstructions: [ClusterReconstruction]
        let evidence: [MapEvidence]
    }

    func summary(_ found: Findings) -> AnalysisSummary {
        AnalysisSummary(
            particles: codes.rows, latentSize: codes.columns, settings: settings,
            explainedVariance: found.components.pca.explainedVarianceRatio,
            inertia: found.clusters.clustering.inertia, viewInformation: found.clusters.viewInformation,
            embedding: found.embedding == nil ? nil : relative(folder.embedding),
            mixtures: found.mixture?.trials, mixtureComponents: found.mixture?.mixture.components.count,
            outliers: found.landscape?.outliers.rows.count,
            path: found.path.map {
                AnalysisSummary.Path(
                    from: $0.ends.0, to: $0.ends.1, particles: $0.rows?.count,
                    folder: $0.rows == nil ? nil : relative(folder.statePath))
            },
            energies: found.landscape?.lines.map(energy),
            clusters: zip(found.reconstructions, found.evidence).map { cluster($0, $1, found) })
    }

    private func relative(_ path: String) -> String { String(path.dropFirst(folder.run.count + 1)) }

    private func energy(_ line: (component: Int, energy: FreeEnergy)) -> AnalysisSummary.Energy {
        let minima = line.energy.minima
        return AnalysisSummary.Energy(
            component: line.component, minima: minima.map { line.energy.axes[0][$0] },
            energies: minima.map { line.energy.energy[$0] },
            file: relative("\(folder.landscape)/free_energy_pc\(line.component).csv"))
    }

    private func cluster(
        _ made: ClusterReconstruction, _ evidence: MapEvidence, _ found: Findings
    ) -> AnalysisSummary.Cluster {
        let k = made.cluster
        let clustering = found.clusters.clustering
        let counts = clustering.counts
        let maps = made.curves != nil
        let stem = String(relative(folder.reconstruction(k)).dropLast(4))
        func volume(_ name: String, _ end: String) -> String {
            relative("\(folder.volumes)/\(AnalysisFolder.name(name, k, end))")
        }
        return AnalysisSummary.Cluster(
            cluster: k, particles: counts[k], share: Double(counts[k]) / Double(codes.rows),
            centreRow: clustering.nearestRows[k] + 1, halves: [made.counts.0, made.counts.1],
            resolution: made.resolution, resolutionAtHalf: made.resolution(at: 0.5), bFactor: made.bFactor,
            mutualResolution: evidence.resolution, difference: evidence.difference,
            uncertainty: found.uncertainty?.mean(of: found.clusters.rows(of: k)),
            biases: found.clusters.occupancy.biases[k], viewClasses: found.clusters.viewClasses[k],
            star: relative(folder.particles(k, of: counts.count, run.data.particles.source)),
            decoded: relative(folder.decoded(k)),
            reconstruction: maps ? "\(stem).mrc" : nil,
            halfMaps: maps ? ["\(stem)_half1.mrc", "\(stem)_half2.mrc"] : nil,
            curve: maps ? volume("fsc", "csv") : nil, differenceMap: volume("difference", "mrc"),
            note: made.note)
    }
}
