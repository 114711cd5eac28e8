/// Spearman's rank correlation.
public enum RankCorrelation {
    /// Pearson's correlation of the ranks; equal values share the mean of their ranks.
    /// - Throws: `LatentError` when the two differ in number, there are fewer than two, a value is not finite
    ///   or all values of one are equal.
    public static func spearman(_ x: [Double], _ y: [Double]) throws(LatentError) -> Double {
        guard x.count == y.count else {
            throw LatentError(
                .sizeMismatch, "\(x.count) values against \(y.count)",
                remedy: "Give one of each for every particle")
        }
        guard x.count >= 2 else {
            throw .tooFew(x.count, wanted: 2, for: "a rank correlation", remedy: "Give more particles")
        }
        if let row = zip(x, y).enumerated().first(where: { !$1.0.isFinite || !$1.1.isFinite })?.offset {
            throw LatentError(
                .notFinite(row: row), "row \(row) is \(x[row]), \(y[row])", remedy: "Leave that row out")
        }
        let (a, b) = (ranks(x), ranks(y))
        let mean = Double(x.count + 1) / 2
        var (aa, ab, bb) = (0.0, 0.0, 0.0)
        for (p, q) in zip(a, b) {
            aa += (p - mean) * (p - mean)
            ab += (p - mean) * (q - mean)
            bb += (q - mean) * (q - mean)
        }
        guard aa > 0, bb > 0 else {
            throw LatentError(
                .undefined, "a rank correlation of equal values has no meaning",
                remedy: "Give values that differ")
        }
        return ab / (aa * bb).squareRoot()
    }

    /// 1-based ranks, ties at their mean.
    static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            for k in start..<end { ranks[order[k]] = Double(start + end + 1) / 2 }
            start = end
        }
        return ranks
    }
}
