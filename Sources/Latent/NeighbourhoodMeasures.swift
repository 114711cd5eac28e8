/// How well a table of coordinates keeps the neighbourhoods of another, or of the truth.
public enum NeighbourhoodMeasures {
    /// Share of the `neighbours` nearest rows that have the row's own label, mean over all rows.
    public static func labelAgreement(
        of data: Matrix, labels: [Int], neighbours: Int, threads: Int? = nil
    ) throws(LatentError) -> Double {
        guard labels.count == data.rows else {
            throw LatentError(
                .sizeMismatch, "\(labels.count) labels for \(data.rows) rows",
                remedy: "Give one label for every row")
        }
        let near = try NeighbourIndex(data).neighbours(neighbours, threads: threads)
        var same = 0
        for row in 0..<data.rows {
            for other in near.of(row) where labels[Int(other)] == labels[row] { same += 1 }
        }
        return Double(same) / Double(data.rows * neighbours)
    }

    /// Share of the `neighbours` nearest rows that are also among the nearest in `truth`, mean over all rows;
    /// for a truth that is continuous. Both tables have one row a particle.
    public static func overlap(
        of data: Matrix, with truth: Matrix, neighbours: Int, threads: Int? = nil
    ) throws(LatentError) -> Double {
        try requireEqualRows(data, truth)
        let near = try NeighbourIndex(data).neighbours(neighbours, threads: threads)
        let wanted = try NeighbourIndex(truth).neighbours(neighbours, threads: threads)
        var shared = 0
        for row in 0..<data.rows { shared += Set(near.of(row)).intersection(wanted.of(row)).count }
        return Double(shared) / Double(data.rows * neighbours)
    }

    /// Trustworthiness of an embedding (Venna and Kaski 2001): 1 when every near neighbour in the embedding
    /// is one in the original too; less by the ranks of those that are not.
    /// - Parameters:
    ///   - neighbours: size of the neighbourhood, below half the rows
    ///   - sampled: rows that are looked at, drawn with `seed`; nil looks at all, in time that grows with
    ///     their square
    public static func trustworthiness(
        of embedding: Matrix, original: Matrix, neighbours k: Int = 5, sampled: Int? = nil, seed: UInt64 = 0,
        threads: Int? = nil
    ) throws(LatentError) -> Double {
        try requireEqualRows(embedding, original)
        try original.requireFinite(for: "trustworthiness")
        let n = original.rows
        guard k >= 1, 2 * k < n else {
            throw .setting("neighbours", found: "\(k)", wanted: "from 1 to below half the \(n) rows")
        }
        guard sampled ?? 1 >= 1 else {
            throw .setting("sampled", found: "\(sampled ?? 0)", wanted: "at least 1")
        }
        let near = try NeighbourIndex(embedding).neighbours(k, threads: threads)
        var random = RandomSource(seed: seed)
        let looked = random.sample(min(n, sampled ?? n), below: n)
        let ranks = OriginalRanks(original)
        let ends = Storage(near.indices)
        let penalty = Parallel.sum(looked.count, size: 16, threads: Parallel.resolved(threads)) { range in
            let squared = Storage<Float>(repeating: 0, count: n)
            return range.reduce(0.0) { sum, position in
                let row = looked[position]
                return sum + Double(ranks.excess(row, ends.base + row * k, k, squared))
            }
        }
        return 1 - penalty * 2 / (Double(looked.count) * Double(k) * Double(2 * n - 3 * k - 1))
    }

    private static func requireEqualRows(_ a: Matrix, _ b: Matrix) throws(LatentError) {
        guard a.rows == b.rows else {
            throw LatentError(
                .sizeMismatch, "\(a.rows) rows against \(b.rows)",
                remedy: "Give one row of each for every particle")
        }
    }
}

/// Ranks of rows by their distance to one row.
private struct OriginalRanks {
    let points: Storage<Float>
    let rows: Int
    let columns: Int

    init(_ data: Matrix) {
        points = Storage(data.values)
        rows = data.rows
        columns = data.columns
    }

    /// Sum over the `k` rows of `others` of how far their rank from `row` is beyond k; the nearest has rank
    /// 1.
    func excess(_ row: Int, _ others: UnsafeMutablePointer<Int32>, _ k: Int, _ squared: Storage<Float>) -> Int
    {
        let distance = squared.base
        let here = points.base + row * columns
        var r = 0
        while r < rows {
            let there = points.base + r * columns
            var sum: Float = 0
            var c = 0
            while c < columns {
                let difference = here[c] - there[c]
                sum += difference * difference
                c += 1
            }
            distance[r] = sum
            r += 1
        }
        distance[row] = .infinity
        var excess = 0
        for j in 0..<k {
            let bound = distance[Int(others[j])]
            var closer = 0
            r = 0
            while r < rows {
                closer += distance[r] < bound ? 1 : 0
                r += 1
            }
            excess += max(0, closer + 1 - k)
        }
        return excess
    }
}
