/// How well particles of a kind, such as broken ones, can be taken out by whole clusters.
public enum SelectionMeasures {
    /// Precision of the selection that takes clusters in the order of their share of wanted particles until
    /// it holds `recall` of all of them: what a user reaches who knows the clusters of that kind by their
    /// maps.
    /// - Returns: nil where no particle is wanted.
    /// - Throws: `LatentError` where the two differ in number.
    public static func precision(
        clusters: [Int], wanted: [Bool], recall: Double = 0.9
    ) throws(LatentError) -> Double? {
        let table = try Contingency(clusters: clusters, classes: wanted.map { $0 ? 1 : 0 })
        guard let column = table.classes.firstIndex(of: 1) else { return nil }
        let rows = table.counts.map { (wanted: $0[column], all: $0.reduce(0, +)) }
            .sorted { $0.wanted * $1.all > $1.wanted * $0.all }
        let total = rows.reduce(0) { $0 + $1.wanted }
        var (found, taken) = (0, 0)
        for row in rows {
            if Double(found) >= recall * Double(total) { break }
            found += row.wanted
            taken += row.all
        }
        return Double(found) / Double(taken)
    }
}
