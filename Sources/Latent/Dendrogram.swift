/// Agglomerative clustering of a few points with average linkage and Euclidean distance (UPGMA; Sokal and
/// Michener 1958), merges and leaf order numbered as SciPy's `linkage` and `leaves_list`.
public struct Dendrogram: Sendable, Equatable {
    public struct Merge: Sendable, Equatable {
        /// Ids below the number of points are points; id `points + m` is what merge `m` made. `left < right`.
        public let left: Int
        public let right: Int
        /// Mean distance between the members of the two.
        public let height: Double
        /// Points under this merge.
        public let count: Int
    }

    /// From the closest pair to the root, one fewer than there are points.
    public let merges: [Merge]
    /// The points from left to right below the root.
    public let leaves: [Int]

    /// - Parameter points: `[rows, columns]`; time grows with the cube of the rows, meant for cluster
    ///   centres.
    public init(_ points: Matrix) throws(LatentError) {
        try points.requireFinite(for: "hierarchical clustering")
        let n = points.rows
        var distance = Self.distances(points)
        var id = Array(0..<n)
        var size = [Int](repeating: 1, count: n)
        var active = Array(0..<n)
        var merges: [Merge] = []
        while active.count > 1 {
            var best = (height: Double.infinity, p: active[0], q: active[1])
            for (k, p) in active.enumerated() {
                for q in active[(k + 1)...] where distance[p * n + q] < best.height {
                    best = (distance[p * n + q], p, q)
                }
            }
            let (height, p, q) = best
            let total = Double(size[p] + size[q])
            for k in active where k != p && k != q {
                let mean =
                    (Double(size[p]) * distance[p * n + k] + Double(size[q]) * distance[q * n + k]) / total
                distance[p * n + k] = mean
                distance[k * n + p] = mean
            }
            size[p] += size[q]
            merges.append(
                Merge(left: min(id[p], id[q]), right: max(id[p], id[q]), height: height, count: size[p]))
            id[p] = n + merges.count - 1
            active.removeAll { $0 == q }
        }
        self.merges = merges
        leaves = Self.leafOrder(merges, points: n)
    }

    private static func distances(_ points: Matrix) -> [Double] {
        let n = points.rows
        var distance = [Double](repeating: 0, count: n * n)
        for i in 0..<n {
            for j in 0..<n {
                let squared = zip(points.row(i), points.row(j)).reduce(0.0) { sum, pair in
                    let difference = Double(pair.0) - Double(pair.1)
                    return sum + difference * difference
                }
                distance[i * n + j] = squared.squareRoot()
            }
        }
        return distance
    }

    private static func leafOrder(_ merges: [Merge], points n: Int) -> [Int] {
        var leaves: [Int] = []
        var open = [n + merges.count - 1]
        while let node = open.popLast() {
            if node < n {
                leaves.append(node)
            } else {
                open.append(merges[node - n].right)
                open.append(merges[node - n].left)
            }
        }
        return leaves
    }
}
