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
            ("\(tables)/bias.csv", "what views, defoci and micrographs say about the clusters"),
            ("\(analysis.mixture)/bic.csv", "Gaussian mixtures by number of components; the best beside it"),
            ("\(analysis.landscape)/density.npy", "logarithm of the density of particles at each particle"),
            ("\(analysis.landscape)/uncertainty.npy", "how well the code of each particle is known"),
            ("\(analysis.landscape)/outliers.npy", "rows from 0 of particles far from all others"),
            (
                "\(analysis.statePath)/map_000.mrc",
                "first map on the path between two clusters; others beside it"
            ),
            (
                "\(analysis.volumes)/difference_000.mrc",
                "decoded map of cluster 0 less the consensus; others beside it"
            ),
            ("\(analysis.motion)/motion.cxc", "screw axes of a domain's motion, for ChimeraX"),
            ("\(analysis.null)/null.json", "the spread of the codes against a homogeneous twin's"),
            (analysis.summary, "what the analysis found, for programs"),
        ]
        return all.filter { FileManager.default.fileExists(atPath: $0.0) }
            .map { ReportContent.File(path: link($0.0), meaning: $0.1) }
    }
}
