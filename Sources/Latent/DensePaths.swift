/// Shortest paths between rows that keep to where many rows lie.
///
/// The rows are the vertices of a graph whose edges join near neighbours. An edge costs its length times the
/// square of the mean local radius at its ends, the distance to the k-th neighbour in units of its median.
/// The radius grows as density^(-1/d), so a detour through a dense region is cheaper than a straight line
/// through an empty one.
public struct DensePaths: Sendable {
    private let graph: NeighbourGraph
    /// Local radius of every row over the median radius.
    private let radii: [Double]

    /// - Parameter neighbours: of the rows among themselves.
    public init(_ neighbours: Neighbours, density: LocalDensity) {
        graph = NeighbourGraph(neighbours)
        let median = max(
            percentile(50, of: density.radii.map(Double.init)), Double(Float.leastNormalMagnitude))
        radii = density.radii.map { Double($0) / median }
    }

    /// Rows from `start` to `end`, both included; nil where no chain of neighbours joins them.
    public func path(from start: Int, to end: Int) -> [Int]? {
        var cost = [Double](repeating: .infinity, count: radii.count)
        var previous = [Int32](repeating: -1, count: radii.count)
        var queue = Heap()
        cost[start] = 0
        queue.push(0, start)
        while let (reached, row) = queue.pop() {
            if row == end { break }
            guard reached <= cost[row] else { continue }
            for edge in graph.edges(of: row) {
                let other = Int(graph.ends[edge])
                let width = (radii[row] + radii[other]) / 2
                let next = reached + Double(graph.lengths[edge]) * width * width
                guard next < cost[other] else { continue }
                cost[other] = next
                previous[other] = Int32(row)
                queue.push(next, other)
            }
        }
        guard cost[end].isFinite else { return nil }
        var path = [end]
        while let last = path.last, last != start { path.append(Int(previous[last])) }
        return path.reversed()
    }

    /// `count` points evenly spaced along the broken line through the given rows of a table,
    /// `[count, columns]`.
    public static func resampled(
        _ rows: [Int], of data: Matrix, count: Int
    ) throws(LatentError) -> Matrix {
        guard count >= 2 else { throw .setting("points", found: "\(count)", wanted: "at least 2") }
        guard !rows.isEmpty else {
            throw LatentError(.empty, "a path has no rows", remedy: "Give at least one row")
        }
        var ends = [0.0]
        for (a, b) in zip(rows, rows.dropFirst()) {
            let square = zip(data.row(a), data.row(b)).reduce(0.0) { sum, pair in
                let difference = Double(pair.0) - Double(pair.1)
                return sum + difference * difference
            }
            ends.append(ends[ends.count - 1] + square.squareRoot())
        }
        let total = ends[ends.count - 1]
        var path = Matrix(zeros: count, data.columns)
        var piece = 0
        for point in 0..<count {
            let place = total * Double(point) / Double(count - 1)
            while piece + 2 < ends.count, ends[piece + 1] < place { piece += 1 }
            let next = min(piece + 1, rows.count - 1)
            let length = ends[next] - ends[piece]
            let share = Float(length > 0 ? min(1, max(0, (place - ends[piece]) / length)) : 0)
            for c in 0..<data.columns {
                path[point, c] = (1 - share) * data[rows[piece], c] + share * data[rows[next], c]
            }
        }
        return path
    }
}

/// Neighbour lists made symmetric, in compressed rows.
private struct NeighbourGraph: Sendable {
    let offsets: [Int]
    let ends: [Int32]
    let lengths: [Float]

    init(_ neighbours: Neighbours) {
        let (n, k) = (neighbours.queries, neighbours.count)
        var counts = [Int](repeating: k, count: n)
        for end in neighbours.indices { counts[Int(end)] += 1 }
        var offsets = [0]
        offsets.reserveCapacity(n + 1)
        for count in counts { offsets.append(offsets[offsets.count - 1] + count) }
        var ends = [Int32](repeating: 0, count: offsets[n])
        var lengths = [Float](repeating: 0, count: offsets[n])
        var next = offsets
        for row in 0..<n {
            for place in row * k..<(row + 1) * k {
                let other = Int(neighbours.indices[place])
                (ends[next[row]], lengths[next[row]]) = (Int32(other), neighbours.distances[place])
                (ends[next[other]], lengths[next[other]]) = (Int32(row), neighbours.distances[place])
                next[row] += 1
                next[other] += 1
            }
        }
        (self.offsets, self.ends, self.lengths) = (offsets, ends, lengths)
    }

    func edges(of row: Int) -> Range<Int> { offsets[row]..<offsets[row + 1] }
}

/// A binary heap of rows by cost, the least first.
private struct Heap {
    private var items: [(cost: Double, row: Int)] = []

    mutating func push(_ cost: Double, _ row: Int) {
        items.append((cost, row))
        var child = items.count - 1
        while child > 0, items[child].cost < items[(child - 1) / 2].cost {
            items.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> (cost: Double, row: Int)? {
        guard let first = items.first else { return nil }
        let last = items.removeLast()
        guard !items.isEmpty else { return first }
        items[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < items.count && items[child].cost < items[least].cost { least = child }
            if least == parent { return first }
            items.swapAt(parent, least)
            parent = least
        }
    }
}
