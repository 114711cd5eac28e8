import Foundation

/// How clusters and true classes overlap, and the measures of agreement that follow from it.
public struct Contingency: Sendable, Equatable {
    /// The different cluster labels, ascending; one row of the table each.
    public let clusters: [Int]
    /// The different class labels, ascending; one column of the table each.
    public let classes: [Int]
    /// `[clusters][classes]`: particles of a class in a cluster.
    public let counts: [[Int]]

    /// - Parameters:
    ///   - found: cluster of every particle
    ///   - truth: true class of every particle
    /// - Throws: `LatentError` when there are no particles or the two differ in number.
    public init(clusters found: [Int], classes truth: [Int]) throws(LatentError) {
        guard found.count == truth.count else {
            throw LatentError(
                .sizeMismatch, "\(found.count) cluster labels and \(truth.count) true labels",
                remedy: "Give one of each for every particle")
        }
        guard !found.isEmpty else {
            throw LatentError(.empty, "there are no labels to compare", remedy: "Give at least one particle")
        }
        clusters = Set(found).sorted()
        classes = Set(truth).sorted()
        let row = Dictionary(uniqueKeysWithValues: zip(clusters, clusters.indices))
        let column = Dictionary(uniqueKeysWithValues: zip(classes, classes.indices))
        var counts = [[Int]](repeating: [Int](repeating: 0, count: classes.count), count: clusters.count)
        for (f, t) in zip(found, truth) {
            if let r = row[f], let c = column[t] { counts[r][c] += 1 }
        }
        self.counts = counts
    }

    /// Number of particles.
    public var total: Int { rowSums.reduce(0, +) }

    private var rowSums: [Int] { counts.map { $0.reduce(0, +) } }
    private var columnSums: [Int] {
        classes.indices.map { c in counts.reduce(0) { $0 + $1[c] } }
    }

    /// Mean over the clusters of -sum p log10 p, p the share of each class in the cluster: 0 when every
    /// cluster is pure; log10 of the number of equally frequent classes by chance (0.903 for 8). Every
    /// cluster counts the same.
    public var meanClusterEntropy: Double {
        let entropies = zip(counts, rowSums).map { row, sum in
            row.reduce(0.0) { entropy, count in
                guard count > 0 else { return entropy }
                let p = Double(count) / Double(sum)
                return entropy - p * log10(p)
            }
        }
        return entropies.reduce(0, +) / Double(entropies.count)
    }

    /// Adjusted Rand index (Hubert and Arabie 1985): 1 for equal partitions, 0 by chance.
    public var adjustedRandIndex: Double {
        let n = Double(total)
        let squares = counts.joined().reduce(0.0) { $0 + Double($1) * Double($1) }
        let rows = rowSums.reduce(0.0) { $0 + Double($1) * Double($1) }
        let columns = columnSums.reduce(0.0) { $0 + Double($1) * Double($1) }
        // Ordered pairs together in both, in the clusters alone, in the classes alone, in neither.
        let both = squares - n
        let clusterOnly = rows - squares
        let classOnly = columns - squares
        let neither = n * n - rows - columns + squares
        if clusterOnly == 0, classOnly == 0 { return 1 }
        return 2 * (both * neither - classOnly * clusterOnly)
            / ((both + classOnly) * (classOnly + neither) + (both + clusterOnly) * (clusterOnly + neither))
    }

    /// Mutual information over the mean of the two entropies: 1 for equal partitions.
    public var normalisedMutualInformation: Double {
        if clusters.count == 1, classes.count == 1 { return 1 }
        let n = Double(total)
        let (rows, columns) = (rowSums, columnSums)
        var mutual = 0.0
        for (r, row) in counts.enumerated() {
            for (c, count) in row.enumerated() where count > 0 {
                let joint = Double(count)
                mutual += joint / n * (log(joint) + log(n) - log(Double(rows[r])) - log(Double(columns[c])))
            }
        }
        let mean = (Self.entropy(rows, of: n) + Self.entropy(columns, of: n)) / 2
        return mutual <= .ulpOfOne || mean == 0 ? 0 : mutual / mean
    }

    private static func entropy(_ sums: [Int], of n: Double) -> Double {
        sums.reduce(0.0) { $1 > 0 ? $0 - Double($1) / n * log(Double($1) / n) : $0 }
    }

    /// The class given to every cluster so that most particles agree, each class to at most one cluster; nil
    /// where there are more clusters than classes and a cluster is left over.
    public var bestMatching: [Int?] {
        OptimalAssignment.maximising(counts).map { $0.map { classes[$0] } }
    }

    /// Share of the particles whose cluster's matched class is their own.
    public var accuracy: Double {
        let matched = zip(counts, OptimalAssignment.maximising(counts)).reduce(0) { sum, pair in
            sum + (pair.1.map { pair.0[$0] } ?? 0)
        }
        return Double(matched) / Double(total)
    }
}
