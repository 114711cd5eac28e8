import Foundation

/// Rows that lie where hardly any other does.
public struct Outliers: Sendable, Equatable {
    /// ln of the local radius, in robust standard deviations above the median of all rows.
    public let scores: [Float]
    /// Rows whose score is above the limit, ascending.
    public let rows: [Int]

    /// - Parameter limit: in robust standard deviations (1.4826 times the median absolute deviation); 4 is
    ///   passed by 3 in 100,000 rows of a normal distribution of scores.
    public init(_ density: LocalDensity, limit: Double = 4) {
        let least = Double(density.radii.filter { $0 > 0 }.min() ?? 1)
        let logs = density.radii.map { log(max(Double($0), least)) }
        let median = percentile(50, of: logs)
        let deviation = 1.4826 * percentile(50, of: logs.map { ($0 - median).magnitude })
        let found = logs.map { deviation > 0 ? ($0 - median) / deviation : 0 }
        scores = found.map(Float.init)
        rows = found.indices.filter { found[$0] > limit }
    }
}
