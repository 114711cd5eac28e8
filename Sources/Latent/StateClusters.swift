/// Clusters that stand for states: k-means, also where states are unevenly frequent or drawn out.
///
/// k-means would rather cut a frequent state in two than give a rare one a cluster: that lowers the sum of
/// squares more. Where that happens a second start helps. Many small clusters, of which rare states get their
/// share, are joined by Ward's method, each counting once, and k-means goes on from there. Its result is
/// taken where it sets clusters apart clearly better; else ten starts from seeds stand, as everywhere in the
/// field.
///
/// States that are drawn out, as by errors of poses, k-means cuts along their length. Clusters in units of
/// their own spread (`SpreadClusters`) are taken where they part clearly fewer neighbours.
public enum StateClusters {
    /// Small clusters that are joined, and rows that they are made of at most.
    private static let small = 200, most = 20_000
    /// By how much the silhouette has to be better: starts that differ by chance differ by less.
    private static let margin = 0.05
    /// Neighbours of a row that are asked for their cluster, and the share of the parted ones that may be
    /// left.
    private static let neighbours = 15, parted = 0.75

    /// Clusters the rows as `KMeans.fit` does, and in the other two ways.
    ///
    /// - Parameters and errors: those of `KMeans.fit`.
    public static func fit(
        _ data: Matrix, _ settings: KMeansSettings, threads: Int? = nil
    ) throws(LatentError) -> Clustering {
        let plain = try KMeans.fit(data, settings, threads: threads)
        let sample = data.rows <= most ? Array(0..<data.rows) : (0..<most).map { $0 * data.rows / most }
        guard settings.clusters > 1, sample.count > 10 * settings.clusters else { return plain }
        let rows = data.rows <= most ? data : data.selecting(rows: sample)
        let round = try joined(data, rows: rows, plain: plain, settings, threads: threads)
        return try spread(data, sample: sample, rows: rows, round: round, settings, threads: threads)
    }

    private static func joined(
        _ data: Matrix, rows: Matrix, plain: Clustering, _ settings: KMeansSettings, threads: Int?
    ) throws(LatentError) -> Clustering {
        var fine = settings
        (fine.clusters, fine.restarts) = (min(small, rows.rows / 10), 2)
        guard fine.clusters > settings.clusters else { return plain }
        // Fewer distinct rows than pieces: k-means finds what there is to find.
        guard let parts = try? KMeans.fit(rows, fine, threads: threads) else { return plain }
        let groups = try Dendrogram(parts.centres, .ward).groups(settings.clusters)
        let start = ClusterMeans(rows, parts.labels.map { groups[$0] }, count: settings.clusters).centres
        let joined = try KMeans.fit(data, from: start, settings, threads: threads)
        let better =
            try Silhouette.mean(data, labels: joined.labels, threads: threads)
            - Silhouette.mean(data, labels: plain.labels, threads: threads)
        return better > margin ? joined : plain
    }

    private static func spread(
        _ data: Matrix, sample: [Int], rows: Matrix, round: Clustering, _ settings: KMeansSettings,
        threads: Int?
    ) throws(LatentError) -> Clustering {
        func own(_ clusters: Clustering) -> [Int] { sample.map { clusters.labels[$0] } }
        let found = try SpreadClusters.fit(
            data, rows: rows, labels: own(round), settings, threads: threads)
        guard let found, found.counts.allSatisfy({ $0 > 0 }) else { return round }
        let near = try NeighbourIndex(rows).neighbours(min(neighbours, rows.rows - 1), threads: threads)
        func parts(_ clusters: Clustering) -> Int {
            let labels = own(clusters)
            return (0..<rows.rows).reduce(0) { sum, row in
                sum + near.of(row).count { labels[Int($0)] != labels[row] }
            }
        }
        return Double(parts(found)) < parted * Double(parts(round)) ? found : round
    }
}
