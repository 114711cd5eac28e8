import Foundation

/// k-means in units of the clusters' own spread.
///
/// Where a state is drawn out along some direction, k-means cuts it there, and joins neighbours beside it.
/// All clusters together say how far members lie from their centres along every direction; measured in that
/// spread, k-means goes on, which changes the spread, and so on. Each turn lowers the determinant of the
/// pooled covariance within clusters (Friedman and Rubin 1967). It is a mixture of normal distributions of
/// one common covariance and equal shares, every row given to its likeliest component (Celeux and Govaert
/// 1992).
struct SpreadClusters {
    /// `[rows, columns]`
    let rows: Matrix
    /// Cluster of every row.
    private(set) var labels: [Int]
    private let settings: KMeansSettings
    private let threads: Int?
    private var spread: Spread

    private static let mostTurns = 30

    /// ln of the determinant of the covariance within clusters. Where it falls, a row is likelier by half as
    /// much.
    var logDeterminant: Double { spread.logDeterminant }

    /// Clusters as they are; nil where they have no spread.
    /// - Parameter settings: of k-means, with the number of clusters.
    init?(_ rows: Matrix, labels: [Int], _ settings: KMeansSettings, threads: Int?) throws(LatentError) {
        (self.rows, self.labels, self.settings, self.threads) = (rows, labels, settings, threads)
        guard let spread = try Spread(rows, labels, count: settings.clusters, threads: threads) else {
            return nil
        }
        self.spread = spread
    }

    /// Clusters made anew by k-means in the spread of small pieces, which says how codes scatter locally: the
    /// best of its restarts, then each of as many others.
    func renewed(in pieces: Clustering) throws(LatentError) -> [SpreadClusters] {
        guard let local = try Spread(rows, pieces.labels, count: pieces.centres.rows, threads: threads)
        else { return [] }
        let places = local.metric.coordinates(rows)
        var found: [SpreadClusters] = []
        for start in 0...settings.restarts {
            var own = settings
            if start > 0 { (own.restarts, own.seed) = (1, settings.seed &+ UInt64(start)) }
            let labels = try KMeans.fit(places, own, threads: threads).labels
            if let clusters = try SpreadClusters(rows, labels: labels, settings, threads: threads) {
                found.append(clusters)
            }
        }
        return found
    }

    /// Goes on until no row changes its cluster.
    mutating func settle() throws(LatentError) {
        for _ in 0..<Self.mostTurns {
            let next = try clusters(of: rows).labels
            guard next != labels,
                let spread = try Spread(rows, next, count: settings.clusters, threads: threads)
            else { return }
            (labels, self.spread) = (next, spread)
        }
    }

    /// Clusters of all of `data`, of which `rows` are a part, said of the codes themselves.
    func all(of data: Matrix) throws(LatentError) -> Clustering {
        let found = try clusters(of: data)
        let means = ClusterMeans(data, found.labels, count: settings.clusters)
        return Clustering(
            labels: found.labels, centres: means.centres, nearestRows: found.nearestRows,
            inertia: means.inertia(data, found.labels), iterations: found.iterations)
    }

    private func clusters(of data: Matrix) throws(LatentError) -> Clustering {
        try KMeans.fit(
            spread.metric.coordinates(data), from: spread.metric.coordinates(spread.means.centres), settings,
            threads: threads)
    }
}

/// How rows lie about the centres of their clusters.
private struct Spread {
    let means: ClusterMeans
    /// Distances in standard deviations from the own centre.
    let metric: Mahalanobis
    let logDeterminant: Double

    /// Directions with less than this share of the widest one's variance are given that share.
    private static let leastShare = 1e-3

    /// Nil where every row lies on its centre.
    init?(_ rows: Matrix, _ labels: [Int], count: Int, threads: Int?) throws(LatentError) {
        means = ClusterMeans(rows, labels, count: count)
        let pca = try PCA(means.residuals(rows, labels), threads: threads)
        guard let widest = pca.explainedVariance.first, widest > 0 else { return nil }
        metric = Mahalanobis(pca, leastShare: Self.leastShare)
        logDeterminant = pca.explainedVariance.reduce(0) { $0 + log(max($1, Self.leastShare * widest)) }
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
