/// The Hungarian algorithm: rows to columns, one to one, so that the sum of the chosen entries is largest
/// (Kuhn 1955; shortest augmenting paths with potentials, Jonker and Volgenant 1987).
public enum OptimalAssignment {
    /// The column of every row of a rectangular table; nil for rows left over when there are fewer columns.
    /// Rows of different length count as filled up with zeros.
    public static func maximising(_ gains: [[Int]]) -> [Int?] {
        let rows = gains.count
        let columns = gains.map(\.count).max() ?? 0
        let size = max(rows, columns)
        let column = minimising(size) { r, c in
            r < rows && c < gains[r].count ? -gains[r][c] : 0
        }
        return (0..<rows).map { column[$0] < columns ? column[$0] : nil }
    }

    /// The column of every row of a square table of costs; `size` cubed steps.
    private static func minimising(_ size: Int, cost: (Int, Int) -> Int) -> [Int] {
        // Row and column 0 are the virtual start of every augmenting path.
        var rowPotential = [Int](repeating: 0, count: size + 1)
        var columnPotential = [Int](repeating: 0, count: size + 1)
        var rowOf = [Int](repeating: 0, count: size + 1)
        for row in stride(from: 1, through: size, by: 1) {
            var least = [Int](repeating: .max, count: size + 1)
            var previous = [Int](repeating: 0, count: size + 1)
            var done = [Bool](repeating: false, count: size + 1)
            var column = 0
            rowOf[0] = row
            repeat {
                done[column] = true
                let at = rowOf[column]
                var (delta, nearest) = (Int.max, 0)
                for c in 1...size where !done[c] {
                    let reduced = cost(at - 1, c - 1) - rowPotential[at] - columnPotential[c]
                    if reduced < least[c] { (least[c], previous[c]) = (reduced, column) }
                    if least[c] < delta { (delta, nearest) = (least[c], c) }
                }
                for c in 0...size {
                    if done[c] {
                        rowPotential[rowOf[c]] += delta
                        columnPotential[c] -= delta
                    } else if least[c] < .max {
                        least[c] -= delta
                    }
                }
                column = nearest
            } while rowOf[column] != 0
            while column != 0 {
                rowOf[column] = rowOf[previous[column]]
                column = previous[column]
            }
        }
        var result = [Int](repeating: 0, count: size)
        for c in stride(from: 1, through: size, by: 1) { result[rowOf[c] - 1] = c - 1 }
        return result
    }
}
