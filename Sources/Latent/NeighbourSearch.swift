/// The search of one query through the tree; one for each chunk of work, reused for its queries.
final class NeighbourSearch {
    private let index: NeighbourIndex
    private let count: Int
    /// The best so far, nearest first; ties by row number.
    let squared: Storage<Float>
    let indices: Storage<Int32>
    /// Distance from the query to the current cell along every column, squared.
    private let offsets: Storage<Float>
    private let distances: Storage<Float>
    private var skipped: Int32 = -1

    init(_ index: NeighbourIndex, count: Int) {
        self.index = index
        self.count = count
        squared = Storage(repeating: .infinity, count: count)
        indices = Storage(repeating: -1, count: count)
        offsets = Storage(repeating: 0, count: index.columns)
        distances = Storage(repeating: 0, count: NeighbourIndex.leafSize)
    }

    /// Leaves the neighbours of `query` in `indices` and `squared`.
    func run(_ query: UnsafeMutablePointer<Float>, skipping row: Int32) {
        for k in 0..<count {
            squared.base[k] = .infinity
            indices.base[k] = .max
        }
        for c in 0..<index.columns { offsets.base[c] = 0 }
        skipped = row
        visit(0, query, bound: 0)
    }

    /// - Parameter bound: squared distance of the query to the node's cell, kept up to date column by column
    ///   (Arya and Mount 1993). The small allowance covers its rounding.
    private func visit(_ number: Int, _ query: UnsafeMutablePointer<Float>, bound: Float) {
        let node = index.nodes.base[number]
        guard node.column >= 0 else {
            scan(Int(node.child), count: Int(node.count), query)
            return
        }
        let column = Int(node.column)
        let difference = query[column] - node.split
        let near = Int(node.child) + (difference < 0 ? 0 : 1)
        let far = Int(node.child) + (difference < 0 ? 1 : 0)
        visit(near, query, bound: bound)
        let old = offsets.base[column]
        let new = difference * difference
        let farBound = bound - old + new
        guard farBound * 0.99999 <= squared.base[count - 1] else { return }
        offsets.base[column] = new
        visit(far, query, bound: farBound)
        offsets.base[column] = old
    }

    private func scan(_ leaf: Int, count members: Int, _ query: UnsafeMutablePointer<Float>) {
        let size = NeighbourIndex.leafSize
        let out = distances.base
        for l in 0..<size { out[l] = 0 }
        var column = index.leaves.base + leaf * index.columns * size
        for c in 0..<index.columns {
            let value = query[c]
            for l in 0..<size {
                let difference = column[l] - value
                out[l] += difference * difference
            }
            column += size
        }
        let rows = index.leafRows.base + leaf * size
        for l in 0..<members where out[l] <= squared.base[count - 1] && rows[l] != skipped {
            insert(out[l], rows[l])
        }
    }

    private func insert(_ distance: Float, _ row: Int32) {
        var place = count - 1
        guard distance < squared.base[place] || row < indices.base[place] else { return }
        while place > 0 {
            let before = squared.base[place - 1]
            if before < distance || (before == distance && indices.base[place - 1] < row) { break }
            squared.base[place] = before
            indices.base[place] = indices.base[place - 1]
            place -= 1
        }
        squared.base[place] = distance
        indices.base[place] = row
    }
}
