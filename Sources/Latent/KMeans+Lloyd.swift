/// One run of Lloyd's iteration: every row to its nearest centre, every centre to the mean of its rows.
struct LloydRun {
    /// `[clusters, columns]`, of the centred rows.
    private(set) var centres: [Double]
    private(set) var labels: [Int32]
    private(set) var inertia = 0.0
    private(set) var iterations = 0
    private let clusters: Int
    private let columns: Int

    /// - Parameter centres: `[clusters, columns]`, of the centred rows, to start from.
    init(_ data: CentredRows, centres: [Double], maximumIterations: Int, tolerance: Double) {
        columns = data.columns
        clusters = centres.count / max(1, data.columns)
        self.centres = centres
        let assignment = Assignment(data, clusters: clusters)
        labels = []
        while iterations < maximumIterations {
            iterations += 1
            let changed = assignment.assign(self.centres)
            let moved = update(assignment, data)
            if changed == 0 || moved <= tolerance { break }
        }
        _ = assignment.assign(self.centres)
        inertia = assignment.inertia
        labels = assignment.labels.array
    }

    /// Moves the centres to the means; gives the squared movement of all together.
    private mutating func update(_ assignment: Assignment, _ data: CentredRows) -> Double {
        var (sums, counts) = assignment.sums()
        relocateEmpty(&sums, &counts, assignment, data)
        var moved = 0.0
        for k in 0..<clusters {
            for c in 0..<columns {
                let mean = sums[k * columns + c] / counts[k]
                let step = mean - centres[k * columns + c]
                moved += step * step
                centres[k * columns + c] = mean
            }
        }
        return moved
    }

    /// An empty cluster takes over the row that is farthest from its own centre (and whose cluster keeps
    /// others), as scikit-learn does.
    private func relocateEmpty(
        _ sums: inout [Double], _ counts: inout [Double], _ assignment: Assignment, _ data: CentredRows
    ) {
        let empty = (0..<clusters).filter { counts[$0] == 0 }
        guard !empty.isEmpty else { return }
        let distances = assignment.distances.array
        var farthest = (0..<data.rows).sorted { (distances[$0], $1) > (distances[$1], $0) }[...]
        for k in empty {
            while let row = farthest.popFirst() {
                let old = Int(assignment.labels.base[row])
                if counts[old] <= 1 { continue }
                for c in 0..<columns {
                    let x = Double(data.values.base[row * columns + c])
                    sums[old * columns + c] -= x
                    sums[k * columns + c] = x
                }
                counts[old] -= 1
                counts[k] = 1
                break
            }
        }
    }

    /// The row nearest to every centre; of equally near rows the first.
    func nearestRows(_ data: CentredRows) -> [Int] {
        (0..<clusters).map { k in
            var best = (row: 0, squared: Double.infinity)
            for r in 0..<data.rows {
                var squared = 0.0
                for c in 0..<columns {
                    let difference = Double(data.values.base[r * columns + c]) - centres[k * columns + c]
                    squared += difference * difference
                }
                if squared < best.squared { best = (r, squared) }
            }
            return best.row
        }
    }
}

/// The nearest centre of every row.
struct Assignment {
    let labels: Storage<Int32>
    /// Squared distance of every row to its centre.
    let distances: Storage<Float>
    private let data: CentredRows
    private let clusters: Int

    init(_ data: CentredRows, clusters: Int) {
        self.data = data
        self.clusters = clusters
        labels = Storage(repeating: -1, count: data.rows)
        distances = Storage(repeating: 0, count: data.rows)
    }

    /// Labels every row, of equally near centres the first; gives how many labels changed.
    func assign(_ centres: [Double]) -> Int {
        let single = Storage(centres.map { Float($0) })
        let changed = Parallel.sum(data.rows, size: CentredRows.chunk, threads: data.threads) { range in
            var count = 0
            var row = range.lowerBound
            while row < range.upperBound {
                var least = CentredRows.Lanes(repeating: .infinity)
                var nearest = SIMD16<Int32>.zero
                for k in 0..<clusters {
                    let squared = data.squaredDistances(from: row, to: single.base + k * data.columns)
                    let nearer = squared .< least
                    least.replace(with: squared, where: nearer)
                    nearest.replace(with: Int32(k), where: nearer)
                }
                for lane in 0..<min(16, range.upperBound - row) {
                    if labels.base[row + lane] != nearest[lane] { count += 1 }
                    labels.base[row + lane] = nearest[lane]
                    distances.base[row + lane] = least[lane]
                }
                row += 16
            }
            return Double(count)
        }
        return Int(changed)
    }

    /// Sum of the squared distances of all rows to their centres.
    var inertia: Double {
        Parallel.sum(data.rows, size: CentredRows.chunk, threads: data.threads) { range in
            range.reduce(0.0) { $0 + Double(distances.base[$1]) }
        }
    }

    /// Sums of the rows of every cluster, `[clusters, columns]`, and their numbers.
    func sums() -> (sums: [Double], counts: [Double]) {
        let d = data.columns
        let width = clusters * (d + 1)
        let parts = Storage<Double>(
            repeating: 0, count: Parallel.chunkCount(data.rows, size: CentredRows.chunk) * width)
        Parallel.chunks(data.rows, size: CentredRows.chunk, threads: data.threads) { chunk, range in
            let part = parts.base + chunk * width
            for r in range {
                let k = Int(labels.base[r])
                for c in 0..<d { part[k * d + c] += Double(data.values.base[r * d + c]) }
                part[clusters * d + k] += 1
            }
        }
        var total = [Double](repeating: 0, count: width)
        for chunk in stride(from: 0, to: parts.count, by: width) {
            for i in 0..<width { total[i] += parts.base[chunk + i] }
        }
        return (Array(total[..<(clusters * d)]), Array(total[(clusters * d)...]))
    }
}
