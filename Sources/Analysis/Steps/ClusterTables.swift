import CryoEM
import CryoIO
import Latent
import OpusDSD

/// The particles in k-means clusters, and how each cluster's view directions are spread.
public struct ClusterTables: Sendable {
    public let clustering: Clustering
    /// Particles of each view class, [clusters][48].
    public let viewClasses: [[Int]]
    /// Information that clusters and view classes share, 0 for none to 1: clusters that only sort views have
    /// a high one.
    public let viewInformation: Double
    /// Whether clusters are only views, defoci or micrographs.
    public let occupancy: Occupancy

    init(_ codes: Matrix, particles: ParticleSet, settings: AnalysisSettings, threads: Int?) throws {
        var kmeans = KMeansSettings(clusters: settings.clusters)
        kmeans.seed = settings.seed
        clustering = try StateClusters.fit(codes, kmeans, threads: threads)
        let views = particles.viewClasses()
        var counts = [[Int]](
            repeating: [Int](repeating: 0, count: ViewClass.count), count: settings.clusters)
        for (cluster, view) in zip(clustering.labels, views) { counts[cluster][view] += 1 }
        viewClasses = counts
        viewInformation = try Contingency(clusters: clustering.labels, classes: views)
            .normalisedMutualInformation
        occupancy = try Occupancy(clustering, particles: particles, seed: settings.seed)
    }

    /// Rows of a cluster, ascending.
    public func rows(of cluster: Int) -> [Int] {
        clustering.labels.indices.filter { clustering.labels[$0] == cluster }
    }

    /// Writes the arrays and a particle file of every cluster. `centers.npy` holds the codes of the particles
    /// nearest to the cluster means, `centers_index.npy` their rows from 0.
    func write(to path: String, codes: Matrix, particles: ParticleSet) throws {
        let folder = try StagedFolder(path)
        let n = clustering.labels.count
        let k = viewClasses.count
        try NPYArray(shape: [n], integers: clustering.labels).write(to: folder.file("labels.npy"))
        try clustering.snappedCentres(in: codes).array().write(to: folder.file("centers.npy"))
        try NPYArray(shape: [k], integers: clustering.nearestRows).write(to: folder.file("centers_index.npy"))
        try clustering.centres.array().write(to: folder.file("means.npy"))
        try NPYArray(shape: [k, ViewClass.count], integers: viewClasses.flatMap { $0 })
            .write(to: folder.file("view_classes.npy"))
        try occupancy.write(to: folder)
        for cluster in 0..<k {
            let name = AnalysisFolder.name("cluster", cluster, particles.source.fileExtension)
            try particles.selecting(rows(of: cluster)).write(to: folder.file(name))
        }
        try folder.commit()
    }
}
