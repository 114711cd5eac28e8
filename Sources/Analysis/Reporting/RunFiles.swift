import CryoEM
import Foundation
import OpusDSD
import Report

/// The files of a run that a reader of its report may want.
struct RunFiles {
    let run: RunFolder
    let clusters: Int
    /// Of the run's particles.
    let source: ParticleSource

    /// Those that exist.
    func files(_ link: (String) -> String) -> [ReportContent.File] {
        let analysis = AnalysisFolder(run)
        let tables = analysis.clusters(clusters)
        let all = [
            (run.configuration, "every setting, the program's version and its command line"),
            (run.metrics, "every term of the objective, a row for each epoch"),
            (run.consensus, "the consensus map that codes describe changes of"),
            (run.mask, "the solvent mask of training and resolutions"),
            (run.mean, "latent mean of every particle, in the order of the particle file"),
            (run.logSigma, "logarithm of its standard deviation"),
            ("\(tables)/labels.npy", "cluster of every particle, from 0"),
            ("\(tables)/centers.npy", "codes of the particles nearest to the cluster means"),
            (
                analysis.particles(0, of: clusters, source),
                "the particles of cluster 0; the other clusters have theirs beside it"
            ),
            (analysis.embedding, "UMAP layout"),
            ("\(analysis.components)/coordinates.npy", "principal components"),
            (
                analysis.reconstruction(0),
                "reconstruction of cluster 0, with _half1 and _half2; others beside it"
            ),
            (analysis.decoded(0), "decoded map at the centre of cluster 0; others beside it"),
            ("\(analysis.volumes)/fsc_000.csv", "shell correlation of the half maps of cluster 0"),
            (analysis.summary, "what the analysis found, for programs"),
        ]
        return all.filter { FileManager.default.fileExists(atPath: $0.0) }
            .map { ReportContent.File(path: link($0.0), meaning: $0.1) }
    }
}
