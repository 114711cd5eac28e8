extension PCA {
    /// Latents along one component, the others at the mean, `[points, columns]`: `points` values evenly from
    /// one percentile of the data's coordinate to another (OPUS-DSD's analysis: 10 points, 5th to 95th).
    /// - Parameters:
    ///   - index: component, 0-based
    ///   - data: the latents whose spread sets the ends, `[rows, columns]`
    public func traversal(
        component index: Int, of data: Matrix, points: Int = 10, from low: Double = 5, to high: Double = 95
    ) throws(LatentError) -> Matrix {
        guard (0..<components.rows).contains(index) else {
            throw .setting("component", found: "\(index)", wanted: "0...\(components.rows - 1)")
        }
        guard points >= 2 else { throw .setting("points", found: "\(points)", wanted: "at least 2") }
        guard low >= 0, low < high, high <= 100 else {
            throw .setting("percentiles", found: "\(low) and \(high)", wanted: "0 <= from < to <= 100")
        }
        try data.requireFinite(for: "traversal")
        let scores = try transform(data).column(index).map(Double.init)
        let start = percentile(low, of: scores)
        let end = percentile(high, of: scores)
        var path = Matrix(zeros: points, mean.count)
        for p in 0..<points {
            let score = start + (end - start) * Double(p) / Double(points - 1)
            for c in 0..<mean.count { path[p, c] = Float(mean[c] + score * Double(components[index, c])) }
        }
        return path
    }
}

/// The percentile (0...100) of unsorted values with linear interpolation, as numpy's default; NaN when there
/// are none.
public func percentile(_ percent: Double, of values: [Double]) -> Double {
    let sorted = values.sorted()
    guard let last = sorted.last else { return .nan }
    let position = percent / 100 * Double(sorted.count - 1)
    let below = Int(position)
    guard below + 1 < sorted.count else { return last }
    return sorted[below] + (position - Double(below)) * (sorted[below + 1] - sorted[below])
}
