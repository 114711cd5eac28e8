import Foundation

/// Greedy k-means++: every new centre is the best of a few candidates drawn with probability proportional to
/// the squared distance to the centres so far; `2 + ln k` candidates, as in scikit-learn.
struct Seeding {
    private let data: CentredRows
    private let clusters: Int
    /// Squared distance of every row to its nearest centre so far.
    private var closest: Storage<Float>
    /// Sum of `closest` over every chunk of rows.
    private var potentials: Storage<Double>
    /// Centres found when the rows ran out of distinct points.
    private(set) var found = 0

    init(_ data: CentredRows, clusters: Int) {
        self.data = data
        self.clusters = clusters
        closest = Storage(repeating: .greatestFiniteMagnitude, count: data.rows)
        potentials = Storage(repeating: 0, count: Parallel.chunkCount(data.rows, size: CentredRows.chunk))
    }

    /// Rows to start from, or nil when there are fewer distinct rows than clusters.
    mutating func seeds(using random: inout RandomSource) -> [Int]? {
        var chosen = [random.below(data.rows)]
        accept(tried(chosen[0]))
        let trials = 2 + Int(log(Double(clusters)))
        while chosen.count < clusters {
            let potential = potentials.array.reduce(0, +)
            found = chosen.count
            guard potential > 0 else { return nil }
            var best: (row: Int, trial: Trial)?
            for _ in 0..<trials {
                let row = draw(random.uniform() * potential)
                let trial = tried(row)
                if let best, best.trial.potential <= trial.potential { continue }
                best = (row, trial)
            }
            guard let (row, trial) = best else { return nil }
            chosen.append(row)
            accept(trial)
        }
        found = chosen.count
        return chosen
    }

    private struct Trial {
        let closest: Storage<Float>
        let potentials: Storage<Double>
        let potential: Double
    }

    private mutating func accept(_ trial: Trial) {
        closest = trial.closest
        potentials = trial.potentials
    }

    /// The distances as they were with `row` as one more centre.
    private func tried(_ row: Int) -> Trial {
        let d = data.columns
        let nearer = Storage<Float>(repeating: 0, count: data.rows)
        let parts = Storage<Double>(repeating: 0, count: potentials.count)
        Parallel.chunks(data.rows, size: CentredRows.chunk, threads: data.threads) { chunk, range in
            let centre = data.values.base + row * d
            var sum = 0.0
            var r = range.lowerBound
            while r < range.upperBound {
                let squared = data.squaredDistances(from: r, to: centre)
                for lane in 0..<min(16, range.upperBound - r) {
                    let least = min(squared[lane], closest.base[r + lane])
                    nearer.base[r + lane] = least
                    sum += Double(least)
                }
                r += 16
            }
            parts.base[chunk] = sum
        }
        return Trial(closest: nearer, potentials: parts, potential: parts.array.reduce(0, +))
    }

    /// The row at which the running sum of squared distances passes `target`; never a row of distance 0.
    private func draw(_ target: Double) -> Int {
        var left = target
        var last = 0
        for chunk in 0..<potentials.count {
            if left > potentials.base[chunk], chunk + 1 < potentials.count {
                left -= potentials.base[chunk]
                continue
            }
            let start = chunk * CentredRows.chunk
            for r in start..<min(data.rows, start + CentredRows.chunk) where closest.base[r] > 0 {
                last = r
                left -= Double(closest.base[r])
                if left <= 0 { return r }
            }
        }
        return last
    }
}
