/// The k nearest rows of every query, nearest first.
public struct Neighbours: Sendable, Equatable {
    public let queries: Int
    /// Neighbours a query has.
    public let count: Int
    /// `[queries, count]`, row numbers of the indexed table.
    public let indices: [Int32]
    /// `[queries, count]`, Euclidean.
    public let distances: [Float]

    /// The neighbours of one query.
    public func of(_ query: Int) -> ArraySlice<Int32> {
        indices[query * count..<(query + 1) * count]
    }

    /// The nearest `wanted` of them.
    public func nearest(_ wanted: Int) -> Neighbours {
        guard wanted < count else { return self }
        func first<Value>(_ values: [Value]) -> [Value] {
            var kept: [Value] = []
            kept.reserveCapacity(queries * wanted)
            for query in 0..<queries { kept += values[query * count..<query * count + wanted] }
            return kept
        }
        return Neighbours(
            queries: queries, count: wanted, indices: first(indices), distances: first(distances))
    }
}

extension NeighbourIndex {
    /// The `count` nearest other rows of every indexed row; a row is never its own neighbour. Of rows at
    /// equal distance the one with the smaller number comes first.
    public func neighbours(_ count: Int, threads: Int? = nil) throws(LatentError) -> Neighbours {
        try check(count, available: rows - 1)
        return search(queries: points, total: rows, count, order: order, skipsSelf: true, threads: threads)
    }

    /// The `count` nearest indexed rows of every row of `queries`, `[queries, columns]`.
    public func neighbours(
        of queries: Matrix, _ count: Int, threads: Int? = nil
    ) throws(LatentError) -> Neighbours {
        try check(count, available: rows)
        try queries.requireFinite(for: "nearest neighbours")
        guard queries.columns == columns else {
            throw LatentError(
                .sizeMismatch, "queries have \(queries.columns) columns; the index has \(columns)",
                remedy: "Use latents of one run")
        }
        let order = Storage((0..<queries.rows).map { Int32($0) })
        return search(
            queries: Storage(queries.values), total: queries.rows, count, order: order, skipsSelf: false,
            threads: threads)
    }

    private func check(_ count: Int, available: Int) throws(LatentError) {
        guard count >= 1 else { throw .setting("neighbours", found: "\(count)", wanted: "at least 1") }
        guard count <= available else {
            throw .tooFew(
                available, wanted: count, for: "a search for \(count) neighbours",
                remedy: "Ask for fewer neighbours")
        }
    }

    /// - Parameter order: the queries in the order of work; neighbouring queries share the leaves they read.
    private func search(
        queries: Storage<Float>, total: Int, _ count: Int, order: Storage<Int32>, skipsSelf: Bool,
        threads: Int?
    ) -> Neighbours {
        let indices = Storage<Int32>(repeating: 0, count: total * count)
        let distances = Storage<Float>(repeating: 0, count: total * count)
        Parallel.chunks(total, size: 256, threads: Parallel.resolved(threads)) { _, range in
            let search = NeighbourSearch(self, count: count)
            for position in range {
                let q = Int(order.base[position])
                search.run(queries.base + q * columns, skipping: skipsSelf ? Int32(q) : -1)
                for k in 0..<count {
                    indices.base[q * count + k] = search.indices.base[k]
                    distances.base[q * count + k] = search.squared.base[k].squareRoot()
                }
            }
        }
        return Neighbours(queries: total, count: count, indices: indices.array, distances: distances.array)
    }
}
