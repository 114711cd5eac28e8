/// A k-d tree over the rows of a table, for exact nearest neighbours (Friedman, Bentley and Finkel 1977).
///
/// Every inner node splits its points at the median of the column with the widest spread. Leaves hold up to
/// `leafSize` points, column by column, so that a leaf's distances are vector code.
public struct NeighbourIndex: Sendable {
    struct Node: BitwiseCopyable {
        /// Column of the split; -1 in a leaf.
        var column: Int32
        var split: Float
        /// First child (the second follows it), or the leaf's number.
        var child: Int32
        var count: Int32
    }

    static let leafSize = 32

    let rows: Int
    let columns: Int
    /// `[rows, columns]`, as given.
    let points: Storage<Float>
    /// Row numbers in leaf order.
    let order: Storage<Int32>
    let nodes: Storage<Node>
    /// `[leaves, columns, leafSize]`, unused places far away.
    let leaves: Storage<Float>
    /// `[leaves, leafSize]`
    let leafRows: Storage<Int32>

    /// - Throws: `LatentError` on an empty table or a value that is not finite.
    public init(_ data: Matrix) throws(LatentError) {
        try data.requireFinite(for: "nearest neighbours")
        rows = data.rows
        columns = data.columns
        points = Storage(data.values)
        var builder = Builder(points: points, rows: data.rows, columns: data.columns)
        builder.build()
        order = builder.order
        nodes = Storage(builder.nodes)
        let packed = Self.pack(builder)
        leaves = packed.values
        leafRows = packed.rows
    }

    private static func pack(_ builder: Builder) -> (values: Storage<Float>, rows: Storage<Int32>) {
        let size = leafSize
        let d = builder.columns
        let values = Storage<Float>(repeating: 1e18, count: builder.leafRanges.count * size * d)
        let rows = Storage<Int32>(repeating: -1, count: builder.leafRanges.count * size)
        for (leaf, range) in builder.leafRanges.enumerated() {
            for (slot, position) in range.enumerated() {
                let row = builder.order.base[position]
                rows.base[leaf * size + slot] = row
                for c in 0..<d {
                    values.base[(leaf * d + c) * size + slot] = builder.points.base[Int(row) * d + c]
                }
            }
        }
        return (values, rows)
    }
}

/// Splits the rows into the nodes of the tree.
private struct Builder {
    let points: Storage<Float>
    let columns: Int
    let order: Storage<Int32>
    var nodes: [NeighbourIndex.Node] = []
    var leafRanges: [Range<Int>] = []

    init(points: Storage<Float>, rows: Int, columns: Int) {
        self.points = points
        self.columns = columns
        order = Storage((0..<rows).map { Int32($0) })
    }

    mutating func build() {
        nodes.append(.init(column: -1, split: 0, child: 0, count: 0))
        var open = [(node: 0, range: 0..<order.count)]
        while let (node, range) = open.popLast() {
            if range.count <= NeighbourIndex.leafSize {
                nodes[node] = .init(
                    column: -1, split: 0, child: Int32(leafRanges.count), count: Int32(range.count))
                leafRanges.append(range)
                continue
            }
            let column = widestColumn(range)
            let middle = (range.lowerBound + range.upperBound) / 2
            select(middle, in: range, by: column)
            let child = nodes.count
            nodes[node] = .init(
                column: Int32(column), split: value(middle, column), child: Int32(child),
                count: Int32(range.count))
            nodes.append(nodes[node])
            nodes.append(nodes[node])
            open.append((child + 1, middle..<range.upperBound))
            open.append((child, range.lowerBound..<middle))
        }
    }

    @inline(__always)
    private func value(_ position: Int, _ column: Int) -> Float {
        points.base[Int(order.base[position]) * columns + column]
    }

    private func widestColumn(_ range: Range<Int>) -> Int {
        var best = (column: 0, spread: -Float.infinity)
        for c in 0..<columns {
            var low = Float.infinity
            var high = -Float.infinity
            for position in range {
                let x = value(position, c)
                low = min(low, x)
                high = max(high, x)
            }
            if high - low > best.spread { best = (c, high - low) }
        }
        return best.column
    }

    /// Puts the value of rank `target` at its place, smaller ones before and larger ones after (Hoare's
    /// quickselect).
    private func select(_ target: Int, in range: Range<Int>, by column: Int) {
        var low = range.lowerBound
        var high = range.upperBound - 1
        while low < high {
            let pivot = median(value(low, column), value((low + high) / 2, column), value(high, column))
            var i = low
            var j = high
            while i <= j {
                while value(i, column) < pivot { i += 1 }
                while value(j, column) > pivot { j -= 1 }
                if i <= j {
                    let kept = order.base[i]
                    order.base[i] = order.base[j]
                    order.base[j] = kept
                    i += 1
                    j -= 1
                }
            }
            if target <= j { high = j } else if target >= i { low = i } else { return }
        }
    }

    private func median(_ a: Float, _ b: Float, _ c: Float) -> Float {
        max(min(a, b), min(max(a, b), c))
    }
}
