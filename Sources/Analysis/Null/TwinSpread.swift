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

    /// Below this share of the first component's standard deviation a component is empty and tells nothing.
    private static let leastShare = 1e-3

    func components() -> [NullFindings.Component] {
        let least = max(Self.leastShare * (pca.explainedVariance.first ?? 0).squareRoot(), 1e-10)
        return (0..<real.columns).map { k in
            let own = Self.spread(real.column(k), least: least)
            let logs = twins.map { log(Self.spread($0.column(k), least: least)) }
            let middle = logs.reduce(0, +) / Double(max(1, logs.count))
            let squares = logs.reduce(0) { $0 + ($1 - middle) * ($1 - middle) }
            let deviation = (squares / Double(max(1, logs.count - 1))).squareRoot()
            let score = (log(own) - middle) / max(deviation, Self.leastDeviation)
            let ratio = exp(log(own) - middle)
            return NullFindings.Component(
                component: k + 1, spread: own, twinSpread: exp(middle), ratio: ratio, score: score,
                isReal: score >= NullSettings.leastScore && ratio >= NullSettings.leastRatio)
        }
    }

    /// Twins that differ by less in the logarithm of their spread do so by chance.
    private static let leastDeviation = 1e-3

    /// Shares left out at both ends, and half the width between them of a normal distribution of deviation 1.
    private static let widths = [
        (0.025, 1.959964), (0.05, 1.644854), (0.1, 1.281552), (0.16, 0.994458), (0.25, 0.674490),
    ]

    /// Geometric mean of five widths between percentiles, each as the standard deviation of a normal
    /// distribution of that width, at least `least`. A variance would not do: where a model has learned
    /// little, nearly all codes fall together, and one image in a hundred that lands far away makes the whole
    /// of it. A single width would jump where the share of such images passes its percentile.
    static func spread(_ values: [Float], least: Double) -> Double {
        let sorted = values.map(Double.init).sorted()
        let logs = widths.map { share, normal in
            let width = percentile(100 * (1 - share), of: sorted) - percentile(100 * share, of: sorted)
            return log(max(width / (2 * normal), least))
        }
        return exp(logs.reduce(0, +) / Double(logs.count))
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
}
