/// How well a continuous truth can be read from codes, or from clusters.
public enum CoordinateRecovery {
    /// Spearman's correlation of every column of the truth with its mean over the particle's nearest
    /// neighbours in the codes, the particle left out; mean over the columns. 1 where neighbours always tell
    /// the place.
    /// - Parameter truth: `[particles][columns]`.
    public static func spearman(
        codes: Matrix, truth: [[Double]], neighbours k: Int, threads: Int? = nil
    ) throws(LatentError) -> Double {
        guard truth.count == codes.rows else {
            throw LatentError(
                .sizeMismatch, "\(truth.count) places for \(codes.rows) particles",
                remedy: "Give one place for every particle")
        }
        let near = try NeighbourIndex(codes).neighbours(k, threads: threads)
        return try mean(of: truth) { row, column in
            near.of(row).reduce(0) { $0 + truth[Int($1)][column] } / Double(k)
        }
    }

    /// The same with the other particles of the cluster in place of neighbours; particles alone in their
    /// cluster get the mean of all.
    public static func spearman(clusters: [Int], truth: [[Double]]) throws(LatentError) -> Double {
        guard truth.count == clusters.count else {
            throw LatentError(
                .sizeMismatch, "\(truth.count) places for \(clusters.count) particles",
                remedy: "Give one place for every particle")
        }
        let width = truth.first?.count ?? 0
        var sums: [Int: (count: Int, values: [Double])] = [:]
        var total = [Double](repeating: 0, count: width)
        for (cluster, row) in zip(clusters, truth) {
            var sum = sums[cluster] ?? (0, Array(repeating: 0, count: width))
            for column in 0..<width {
                sum.values[column] += row[column]
                total[column] += row[column]
            }
            sum.count += 1
            sums[cluster] = sum
        }
        return try mean(of: truth) { row, column in
            guard let sum = sums[clusters[row]], sum.count > 1 else {
                return total[column] / Double(truth.count)
            }
            return (sum.values[column] - truth[row][column]) / Double(sum.count - 1)
        }
    }

    private static func mean(
        of truth: [[Double]], _ read: (_ row: Int, _ column: Int) -> Double
    ) throws(LatentError) -> Double {
        let width = truth.first?.count ?? 0
        guard width > 0 else {
            throw LatentError(.empty, "the truth has no coordinate", remedy: "Give one column at least")
        }
        var sum = 0.0
        for column in 0..<width {
            sum += try RankCorrelation.spearman(
                truth.map { $0[column] }, truth.indices.map { read($0, column) })
        }
        return sum / Double(width)
    }
}
