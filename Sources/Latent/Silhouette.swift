/// How well clusters are set apart: for every row (b - a) / max(a, b), with `a` its mean distance to the
/// others of its own cluster and `b` that to the nearest other cluster (Rousseeuw 1987).
public enum Silhouette {
    /// Rows that are compared with each other at most.
    static let most = 4000

    /// The mean over the rows, -1...1; 0 for a row alone in its cluster. Of more than `most` rows those at
    /// even steps are taken; 0 where these are all of one cluster.
    ///
    /// - Parameters:
    ///   - data: `[rows, columns]`
    ///   - labels: the cluster of every row, from 0
    ///   - threads: nil uses every core; the result does not depend on it.
    /// - Throws: `LatentError` where rows and labels are not as many, or fewer than two clusters have a row.
    public static func mean(_ data: Matrix, labels: [Int], threads: Int? = nil) throws(LatentError) -> Double
    {
        guard labels.count == data.rows else {
            throw .setting("labels", found: "\(labels.count)", wanted: "\(data.rows), one a row")
        }
        let count = min(data.rows, most)
        let taken = (0..<count).map { $0 * data.rows / count }
        let clusters = (labels.max() ?? -1) + 1
        var sizes = [Int](repeating: 0, count: clusters)
        for row in taken { sizes[labels[row]] += 1 }
        guard Set(labels).count > 1 else {
            throw .tooFew(
                Set(labels).count, wanted: 2, for: "a silhouette, which compares clusters",
                remedy: "Ask for more clusters")
        }
        guard sizes.count(where: { $0 > 0 }) > 1 else { return 0 }
        let points = data.selecting(rows: taken)
        let rows = CentredRows(
            points, mean: [Double](repeating: 0, count: data.columns), threads: Parallel.resolved(threads))
        let sum = Parallel.sum(count, size: 64, threads: rows.threads) { range in
            var sums = [Double](repeating: 0, count: clusters)
            return range.reduce(0.0) { total, row in
                for k in 0..<clusters { sums[k] = 0 }
                for first in stride(from: 0, to: count, by: 16) {
                    let squared = rows.squaredDistances(
                        from: first, to: rows.values.base + row * rows.columns)
                    let distances = squared.squareRoot()
                    for lane in 0..<min(16, count - first) {
                        sums[labels[taken[first + lane]]] += Double(distances[lane])
                    }
                }
                return total + width(sums, sizes, own: labels[taken[row]])
            }
        }
        return sum / Double(count)
    }

    private static func width(_ sums: [Double], _ sizes: [Int], own: Int) -> Double {
        guard sizes[own] > 1 else { return 0 }
        let inside = sums[own] / Double(sizes[own] - 1)
        let outside = sums.indices.reduce(Double.infinity) { least, k in
            k == own || sizes[k] == 0 ? least : min(least, sums[k] / Double(sizes[k]))
        }
        let larger = max(inside, outside)
        return larger > 0 ? (outside - inside) / larger : 0
    }
}
