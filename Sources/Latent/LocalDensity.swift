import Foundation

/// Density of the latent space at every row, from the distances to its nearest rows.
public struct LocalDensity: Sendable, Equatable {
    /// Distance to the k-th nearest other row.
    public let radii: [Float]
    /// ln of the density in rows per unit volume, as a share of all rows: ln (k / n) - ln volume of the ball.
    public let logDensity: [Float]

    /// - Parameters:
    ///   - neighbours: of the rows among themselves; the last one counts.
    ///   - columns: of the table that the neighbours are of.
    public init(_ neighbours: Neighbours, columns: Int) {
        let (n, k) = (neighbours.queries, neighbours.count)
        radii = (0..<n).map { neighbours.distances[$0 * k + k - 1] }
        // Rows that coincide with all their neighbours have the density of the closest that do not.
        let least = max(radii.filter { $0 > 0 }.min() ?? 1, .leastNormalMagnitude)
        let d = Double(columns)
        let unitBall = d / 2 * log(.pi) - lgamma(d / 2 + 1)
        let share = log(Double(k) / Double(max(1, n))) - unitBall
        logDensity = radii.map { Float(share - d * log(Double(max($0, least)))) }
    }
}
