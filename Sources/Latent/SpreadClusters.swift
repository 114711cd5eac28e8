/// k-means in units of the clusters' own spread.
///
/// Where a state is drawn out along some direction, k-means cuts it there, and joins neighbours beside it.
/// All clusters together say how far members lie from their centres along every direction; measured in that
/// spread, k-means goes on, which changes the spread, and so on. It is a mixture of normal distributions of
/// one common covariance and equal shares, every row given to its likeliest component (Celeux and Govaert
/// 1992).
enum SpreadClusters {
    private static let mostTurns = 30
    /// Directions with less than this share of the widest one's spread are given that share.
    private static let leastShare = 1e-3

    /// Goes on from clusters of `rows`, and gives clusters of all of `data`; nil where the clusters have no
    /// spread.
    ///
    /// - Parameters:
    ///   - data: `[count, columns]`
    ///   - rows: the part of it that the spread is measured on
    ///   - labels: the cluster of each of `rows`
    static func fit(
        _ data: Matrix, rows: Matrix, labels: [Int], _ settings: KMeansSettings, threads: Int?
    ) throws(LatentError) -> Clustering? {
        var labels = labels
        for _ in 0..<mostTurns {
            let means = ClusterMeans(rows, labels, count: settings.clusters)
            guard let metric = try metric(rows, labels, means, threads: threads) else { return nil }
            let turned = try KMeans.fit(
                metric.coordinates(rows), from: metric.coordinates(means.centres), settings, threads: threads)
            if turned.labels == labels { break }
            labels = turned.labels
        }
        let means = ClusterMeans(rows, labels, count: settings.clusters)
        guard let metric = try metric(rows, labels, means, threads: threads) else { return nil }
        let found = try KMeans.fit(
            metric.coordinates(data), from: metric.coordinates(means.centres), settings, threads: threads)
        let all = ClusterMeans(data, found.labels, count: settings.clusters)
        return Clustering(
            labels: found.labels, centres: all.centres, nearestRows: found.nearestRows,
            inertia: all.inertia(data, found.labels), iterations: found.iterations)
    }

    /// Distances in standard deviations of the rows from their own centres.
    private static func metric(
        _ rows: Matrix, _ labels: [Int], _ means: ClusterMeans, threads: Int?
    ) throws(LatentError) -> Mahalanobis? {
        let pca = try PCA(means.residuals(rows, labels), threads: threads)
        guard let widest = pca.explainedVariance.first, widest > 0 else { return nil }
        return Mahalanobis(pca, leastShare: leastShare)
    }
}

/// Means of the rows of every cluster.
struct ClusterMeans {
    /// `[clusters, columns]`; zero where a cluster has no row.
    let centres: Matrix

    init(_ rows: Matrix, _ labels: [Int], count: Int) {
        var sums = [Double](repeating: 0, count: count * rows.columns)
        var sizes = [Double](repeating: 0, count: count)
        for (row, k) in labels.enumerated() {
            sizes[k] += 1
            for (c, value) in rows.row(row).enumerated() { sums[k * rows.columns + c] += Double(value) }
        }
        var centres = Matrix(zeros: count, rows.columns)
        for k in 0..<count {
            for c in 0..<rows.columns { centres[k, c] = Float(sums[k * rows.columns + c] / max(1, sizes[k])) }
        }
        self.centres = centres
    }

    /// Rows less the centre of their cluster.
    func residuals(_ rows: Matrix, _ labels: [Int]) -> Matrix {
        var result = rows
        for (row, k) in labels.enumerated() {
            for c in 0..<rows.columns { result[row, c] -= centres[k, c] }
        }
        return result
    }

    /// Sum of the squares of all residuals.
    func inertia(_ rows: Matrix, _ labels: [Int]) -> Double {
        residuals(rows, labels).values.reduce(0) { $0 + Double($1) * Double($1) }
    }
}
