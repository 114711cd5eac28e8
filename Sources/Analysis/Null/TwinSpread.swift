import Foundation
import Latent

/// Spread of codes along principal components and beyond the codes of twins.
struct TwinSpread {
    let pca: PCA
    /// Coordinates of the run's images and of each twin's, [images, components].
    let real: Matrix
    let twins: [Matrix]

    init(_ pca: PCA, real: Matrix, twins: [Matrix]) throws {
        self.pca = pca
        self.real = try pca.transform(real)
        self.twins = try twins.map(pca.transform)
    }

    /// Below this share of the first component's variance a component is empty and tells nothing.
    private static let leastShare = 1e-6

    func components() -> [NullFindings.Component] {
        let largest = pca.explainedVariance.first ?? 0
        return (0..<real.columns).map { k in
            let own = Self.variance(real.column(k))
            let others = twins.map { Self.variance($0.column(k)) }
            let mean = others.reduce(0, +) / Double(max(1, others.count))
            let least = max(Self.leastShare * largest, 1e-20)
            let logs = others.map { log(max($0, least)) }
            let middle = logs.reduce(0, +) / Double(max(1, logs.count))
            let spread =
                (logs.reduce(0) { $0 + ($1 - middle) * ($1 - middle) }
                / Double(max(1, logs.count - 1))).squareRoot()
            let score = (log(max(own, least)) - middle) / max(spread, 1e-3)
            let ratio = max(own, least) / max(mean, least)
            return NullFindings.Component(
                component: k + 1, spread: own.squareRoot(), twinSpread: mean.squareRoot(), ratio: ratio,
                score: score,
                isReal: score >= NullSettings.leastScore && ratio >= NullSettings.leastRatio)
        }
    }

    /// - Parameters:
    ///   - clusters: nearest cluster of every compared image, and of every image of each twin.
    ///   - centres: of the clusters, as codes.
    func clusters(
        _ clusters: (real: [Int], twins: [[Int]]), centres: Matrix
    ) throws -> (clusters: [NullFindings.Cluster], outside: Double) {
        let all = try Matrix(
            rows: twins.reduce(0) { $0 + $1.rows }, columns: real.columns, values: twins.flatMap(\.values))
        let measure = try Mahalanobis(all)
        let limit = percentile(95, of: measure(all))
        let beyond = measure(real).map { $0 > limit }
        let places = try pca.transform(centres)
        let found = (0..<centres.rows).map { k -> NullFindings.Cluster in
            let members = clusters.real.indices.filter { clusters.real[$0] == k }
            let shares = clusters.twins.map { labels in
                Double(labels.count { $0 == k }) / Double(max(1, labels.count))
            }
            let mean = shares.reduce(0, +) / Double(max(1, shares.count))
            let variance =
                shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
                / Double(max(1, shares.count - 1))
            return NullFindings.Cluster(
                cluster: k, share: Double(members.count) / Double(max(1, real.rows)), twinShare: mean,
                twinShareDeviation: variance.squareRoot(), distance: measure(places.row(k)),
                outside: members.isEmpty ? 0 : Double(members.count { beyond[$0] }) / Double(members.count))
        }
        return (found, Double(beyond.count { $0 }) / Double(max(1, beyond.count)))
    }

    private static func variance(_ values: [Float]) -> Double {
        let n = Double(max(1, values.count))
        let mean = values.reduce(0) { $0 + Double($1) } / n
        return values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / max(1, n - 1)
    }
}
