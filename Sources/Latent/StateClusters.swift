/// Clusters that stand for states: k-means, also where states are unevenly frequent.
///
/// k-means would rather cut a frequent state in two than give a rare one a cluster: that lowers the sum of
/// squares more. Where that happens a second start helps. Many small clusters, of which rare states get their
/// share, are joined by Ward's method, each counting once, and k-means goes on from there. Its result is
/// taken where it sets clusters apart clearly better; else ten starts from seeds stand, as everywhere in the
/// field.
public enum StateClusters {
    /// Small clusters that are joined, and rows that they are made of at most.
    private static let small = 200, most = 20_000
    /// By how much the silhouette has to be better: starts that differ by chance differ by less.
    private static let margin = 0.05

    /// Clusters the rows as `KMeans.fit` does, and by the second start.
    ///
    /// - Parameters and errors: those of `KMeans.fit`.
    public static func fit(
        _ data: Matrix, _ settings: KMeansSettings, threads: Int? = nil
    ) throws(LatentError) -> Clustering {
        let plain = try KMeans.fit(data, settings, threads: threads)
        let rows = data.rows <= most ? data : data.selecting(rows: (0..<most).map { $0 * data.rows / most })
        let pieces = min(small, rows.rows / 10)
        guard settings.clusters > 1, pieces > settings.clusters else { return plain }
        var fine = settings
        (fine.clusters, fine.restarts) = (pieces, 2)
        // Fewer distinct rows than pieces: k-means finds what there is to find.
        guard let parts = try? KMeans.fit(rows, fine, threads: threads) else { return plain }
        let groups = try Dendrogram(parts.centres, .ward).groups(settings.clusters)
        let start = means(of: rows, parts.labels.map { groups[$0] }, count: settings.clusters)
        let joined = try KMeans.fit(data, from: start, settings, threads: threads)
        let better =
            try Silhouette.mean(data, labels: joined.labels, threads: threads)
            - Silhouette.mean(data, labels: plain.labels, threads: threads)
        return better > margin ? joined : plain
    }

    private static func means(of rows: Matrix, _ labels: [Int], count: Int) -> Matrix {
        var sums = [Double](repeating: 0, count: count * rows.columns)
        var sizes = [Double](repeating: 0, count: count)
        for (row, k) in labels.enumerated() {
            sizes[k] += 1
            for (c, value) in rows.row(row).enumerated() { sums[k * rows.columns + c] += Double(value) }
        }
        var means = Matrix(zeros: count, rows.columns)
        for k in 0..<count {
            for c in 0..<rows.columns { means[k, c] = Float(sums[k * rows.columns + c] / max(1, sizes[k])) }
        }
        return means
    }
}
