/// Clusters that stand for states: k-means, also where states are unevenly frequent or drawn out.
///
/// k-means would rather cut a frequent state in two than give a rare one a cluster: that lowers the sum of
/// squares more. Where that happens a second start helps. Many small clusters, of which rare states get their
/// share, are joined by Ward's method, each counting once, and k-means goes on from there. Its result is
/// taken where it sets clusters apart clearly better; else ten starts from seeds stand, as everywhere in the
/// field.
///
/// States that are drawn out, as by errors of poses, k-means cuts along their length. Clusters in units of
/// their own spread (`SpreadClusters`) are taken where they make the codes clearly likelier.
public enum StateClusters {
    /// Small clusters that are joined, and rows that they are made of at most.
    private static let small = 200, most = 20_000
    /// By how much the silhouette has to be better: starts that differ by chance differ by less.
    private static let margin = 0.05
    /// How much likelier a row has to be, in natural logarithms.
    private static let likelier = 0.25

    /// Clusters the rows as `KMeans.fit` does, and in the other two ways.
    ///
    /// - Parameters and errors: those of `KMeans.fit`.
    public static func fit(
        _ data: Matrix, _ settings: KMeansSettings, threads: Int? = nil
    ) throws(LatentError) -> Clustering {
        let plain = try KMeans.fit(data, settings, threads: threads)
        let sample = data.rows <= most ? Array(0..<data.rows) : (0..<most).map { $0 * data.rows / most }
        let rows = data.rows <= most ? data : data.selecting(rows: sample)
        var fine = settings
        (fine.clusters, fine.restarts) = (min(small, rows.rows / 10), 2)
        guard settings.clusters > 1, fine.clusters > settings.clusters,
            // Fewer distinct rows than pieces: k-means finds what there is to find.
            let pieces = try? KMeans.fit(rows, fine, threads: threads)
        else { return plain }
        let round = try joined(data, rows, pieces, plain: plain, settings, threads: threads)
        func own(_ clusters: Clustering) -> [Int] { sample.map { clusters.labels[$0] } }
        guard let before = try SpreadClusters(rows, labels: own(round), settings, threads: threads),
            let after = try spread(from: own(plain), rows, pieces, settings, threads: threads),
            before.logDeterminant - after.logDeterminant > 2 * likelier
        else { return round }
        return try after.all(of: data)
    }

    /// By the second start, where that is better.
    private static func joined(
        _ data: Matrix, _ rows: Matrix, _ pieces: Clustering, plain: Clustering, _ settings: KMeansSettings,
        threads: Int?
    ) throws(LatentError) -> Clustering {
        let groups = try Dendrogram(pieces.centres, .ward).groups(settings.clusters)
        let start = ClusterMeans(rows, pieces.labels.map { groups[$0] }, count: settings.clusters).centres
        let joined = try KMeans.fit(data, from: start, settings, threads: threads)
        let better =
            try Silhouette.mean(data, labels: joined.labels, threads: threads)
            - Silhouette.mean(data, labels: plain.labels, threads: threads)
        return better > margin ? joined : plain
    }

    /// The likeliest, from k-means and from k-means in the spread of the small pieces.
    private static func spread(
        from labels: [Int], _ rows: Matrix, _ pieces: Clustering, _ settings: KMeansSettings, threads: Int?
    ) throws(LatentError) -> SpreadClusters? {
        guard var best = try SpreadClusters(rows, labels: labels, settings, threads: threads) else {
            return nil
        }
        let others = try best.renewed(in: pieces)
        try best.settle()
        for var other in others {
            try other.settle()
            if other.logDeterminant < best.logDeterminant { best = other }
        }
        return best
    }
}
