/// Agglomerative clustering of a few points with Euclidean distance, merges and leaf order numbered as
/// SciPy's `linkage` and `leaves_list`.
public struct Dendrogram: Sendable, Equatable {
    /// How far two groups of points are from each other.
    public enum Linkage: Sendable {
        /// The mean distance of their members (UPGMA; Sokal and Michener 1958).
        case average
        /// By how much joining them raises the sum of squared distances to the means (Ward 1963).
        case ward
    }

    public struct Merge: Sendable, Equatable {
        /// Ids below the number of points are points; id `points + m` is what merge `m` made. `left < right`.
        public let left: Int
        public let right: Int
        /// Distance of the two, by the linkage.
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
    public init(_ points: Matrix, _ linkage: Linkage = .average) throws(LatentError) {
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
            let (a, b) = (Double(size[p]), Double(size[q]))
            for k in active where k != p && k != q {
                let (toP, toQ) = (distance[p * n + k], distance[q * n + k])
                let joined: Double
                switch linkage {
                case .average: joined = (a * toP + b * toQ) / (a + b)
                case .ward:
                    let c = Double(size[k])
                    let squares = (a + c) * toP * toP + (b + c) * toQ * toQ - c * height * height
                    joined = (max(0, squares) / (a + b + c)).squareRoot()
                }
                distance[p * n + k] = joined
                distance[k * n + p] = joined
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

    /// The group of every point, `0..<count`, when merging stops at `count` groups; numbered by their first
    /// points.
    public func groups(_ count: Int) -> [Int] {
        let n = leaves.count
        var parent = Array(0..<(n + merges.count))
        for (m, merge) in merges.prefix(max(0, n - count)).enumerated() {
            parent[merge.left] = n + m
            parent[merge.right] = n + m
        }
        var number: [Int: Int] = [:]
        return (0..<n).map { point in
            var root = point
            while parent[root] != root { root = parent[root] }
            if let known = number[root] { return known }
            number[root] = number.count
            return number.count - 1
        }
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
