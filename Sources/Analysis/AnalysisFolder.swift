import CryoEM
import CryoIO
import Foundation
import OpusDSD

/// The folder `analysis` of a run and the files in it. Arrays have the rows of the particle file, clusters
/// and maps are numbered from 0.
public struct AnalysisFolder: Sendable {
    /// The run's folder.
    public let run: String
    public var path: String { "\(run)/analysis" }

    public init(_ run: RunFolder) { self.run = run.path }

    /// `coordinates.npy`, `components.npy`, `explained.npy`, `mean.npy` and `pcN/` with maps along component
    /// N.
    public var components: String { "\(path)/pca" }
    /// UMAP layout, [n, 2].
    public var embedding: String { "\(path)/umap.npy" }
    /// Maps of the clusters and their shell correlations.
    public var volumes: String { "\(path)/volumes" }
    /// What `AnalysisSummary` holds.
    public var summary: String { "\(path)/analysis.json" }

    /// `labels.npy`, `centers.npy`, `centers_index.npy`, `means.npy`, `view_classes.npy`, and
    /// `cluster_NNN.star` or, for particles of cryoSPARC, `cluster_NNN.cs`.
    public func clusters(_ count: Int) -> String { "\(path)/kmeans\(count)" }

    /// The particles of a cluster in the dialect of the run's particle file.
    public func particles(_ cluster: Int, of count: Int, _ source: ParticleSource) -> String {
        "\(clusters(count))/\(Self.name("cluster", cluster, source.fileExtension))"
    }
    public func decoded(_ cluster: Int) -> String { "\(volumes)/\(Self.name("decoded", cluster, "mrc"))" }
    public func reconstruction(_ cluster: Int) -> String {
        "\(volumes)/\(Self.name("reconstruction", cluster, "mrc"))"
    }
    /// Decoded map less consensus.
    public func difference(_ cluster: Int) -> String {
        "\(volumes)/\(Self.name("difference", cluster, "mrc"))"
    }

    /// `density.npy`, `outliers.npy`, `uncertainty.npy`, free energies.
    public var landscape: String { "\(path)/landscape" }
    /// The Gaussian mixture of lowest BIC and `bic.csv`.
    public var mixture: String { "\(path)/mixture" }
    /// Codes, particles and maps along the path between two clusters.
    public var statePath: String { "\(path)/path" }
    /// Particles far from all others, and the rest.
    public func outliers(_ source: ParticleSource) -> String { "\(path)/outliers.\(source.fileExtension)" }
    public func inliers(_ source: ParticleSource) -> String { "\(path)/inliers.\(source.fileExtension)" }
    /// `null.json` and the codes that were compared with a homogeneous twin's.
    public var null: String { "\(run)/null" }
    /// `motion.json`, `motion.csv` and the screw axes of the states.
    public var motion: String { "\(path)/motion" }

    /// How many clusters the analysis has that is there; nil without one.
    public var clusterCount: Int? {
        FileManager.default.contents(atPath: summary)
            .flatMap { try? JSONDecoder().decode(AnalysisSummary.self, from: $0) }?.clusters.count
    }

    /// Maps of clusters that an analysis makes.
    public enum ClusterMap: String, Sendable, Codable {
        case decoded, reconstruction
    }

    /// The maps of clusters that exist, ascending.
    public func clusterMaps(_ kind: ClusterMap) -> [(cluster: Int, path: String)] {
        let stem = kind.rawValue
        let names = (try? FileManager.default.contentsOfDirectory(atPath: volumes)) ?? []
        return names.compactMap { name -> (cluster: Int, path: String)? in
            guard name.hasPrefix(stem + "_"), name.hasSuffix(".mrc"),
                let cluster = Int(name.dropFirst(stem.count + 1).dropLast(4))
            else { return nil }
            return (cluster, "\(volumes)/\(name)")
        }.sorted { $0.cluster < $1.cluster }
    }

    /// `STEM_007.EXTENSION`
    static func name(_ stem: String, _ number: Int, _ end: String) -> String {
        String(format: "%@_%03d.%@", stem, number, end)
    }
}
