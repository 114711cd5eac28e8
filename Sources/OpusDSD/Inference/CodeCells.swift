import Foundation
import Latent

/// Codes of images as a few cells: where in the latent space images lie, and how far each cell reaches.
///
/// Cells are k-means clusters of the codes' means. A cell's covariance is that of its members' posteriors:
/// the spread of their means and what each leaves open. Without the second part cells would shrink whenever
/// codes are found in cells of codes found before. It is drawn to the covariance pooled over all cells as if
/// the pool gave it one member a dimension.
struct CodeCells: Sendable {
    /// Cells, and size Z of a code.
    let count: Int, size: Int
    /// Centres, [count, Z] row-major.
    let centres: [Float]
    /// Lower Cholesky factors of the covariances, [count] of [Z, Z] row-major.
    let axes: [[Double]]
    /// Share of the codes in each cell.
    let shares: [Double]

    /// Most codes that the cells are drawn from; more tell nothing new of their places.
    private static let mostCodes = 50_000

    /// - Parameters:
    ///   - codes: posteriors, of which the first `size` components are the structure's.
    ///   - wanted: cells; fewer where there are fewer than `leastMembers` codes for each.
    init(codes: Codes, size: Int, wanted: Int, seed: UInt64, threads: Int) throws {
        let step = max(1, codes.count / Self.mostCodes)
        let kept = codes.selecting(Array(stride(from: 0, to: codes.count, by: step)))
        let table = try Matrix(rows: kept.count, columns: size, values: kept.means(first: size))
        var settings = KMeansSettings(clusters: max(1, min(wanted, table.rows / Self.leastMembers)))
        settings.restarts = 1
        settings.seed = seed
        let clusters = try KMeans.fit(table, settings, threads: threads)
        count = clusters.centres.rows
        self.size = size
        centres = clusters.centres.values
        let members = clusters.counts
        shares = members.map { Double($0) / Double(table.rows) }
        axes = Self.factors(
            Self.scatter(table, kept, clusters), members: members, rows: table.rows, size: size)
    }

    /// Less the squared distance of every code to every centre, [rows, count] row-major.
    func closeness(of codes: Codes) -> [Float] {
        let means = codes.means(first: size)
        return (0..<codes.count).flatMap { row in
            (0..<count).map { cell in
                -(0..<size).reduce(Float(0)) { sum, d in
                    let away = means[row * size + d] - centres[cell * size + d]
                    return sum + away * away
                }
            }
        }
    }

    /// Of each cell the rows that score it among their `most` highest.
    /// - Parameter scores: [rows, count] row-major.
    func rows(highest most: Int, of scores: [Float]) -> [[Int]] {
        var lists = [[Int]](repeating: [], count: count)
        for row in 0..<(scores.count / count) {
            let own = scores[(row * count)..<((row + 1) * count)]
            let ranked = own.indices.sorted { own[$0] != own[$1] ? own[$0] > own[$1] : $0 < $1 }
            for place in ranked.prefix(most) { lists[place - own.startIndex].append(row) }
        }
        return lists
    }

    private static let leastMembers = 8

    /// Sums over members of the outer product about the centre and of the posterior's variances, [cells] of
    /// [Z, Z].
    private static func scatter(_ table: Matrix, _ codes: Codes, _ clusters: Clustering) -> [[Double]] {
        let size = table.columns
        var sums = [[Double]](
            repeating: [Double](repeating: 0, count: size * size), count: clusters.centres.rows)
        for (row, cell) in clusters.labels.enumerated() {
            let away = (0..<size).map { Double(table[row, $0] - clusters.centres[cell, $0]) }
            for i in 0..<size {
                for j in 0...i { sums[cell][i * size + j] += away[i] * away[j] }
                sums[cell][i * size + i] += exp(2 * Double(codes.logSigma[row * codes.width + i]))
            }
        }
        return sums
    }

    private static func factors(
        _ scatter: [[Double]], members: [Int], rows: Int, size: Int
    ) -> [[Double]] {
        let pooled = (0..<(size * size)).map { k in scatter.reduce(0) { $0 + $1[k] } / Double(rows) }
        let least = max(1e-12, (0..<size).map { pooled[$0 * size + $0] }.reduce(0, +) * 1e-6)
        return zip(scatter, members).map { sums, n in
            var covariance = zip(sums, pooled).map { ($0 + Double(size) * $1) / Double(n + size) }
            for d in 0..<size { covariance[d * size + d] += least }
            return Cholesky(covariance, order: size).factor
        }
    }
}
