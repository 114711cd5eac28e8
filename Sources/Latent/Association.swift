import Foundation

/// How much a property of the particles, such as their view or micrograph, says about which cluster they are
/// in.
///
/// For each cluster: the information that the property has about membership, as a share of all there is to
/// know (Theil's uncertainty coefficient), 0 to 1. Few particles in many classes look informative by chance,
/// so the mean over random permutations of the labels is taken off, as the adjusted mutual information does
/// (Vinh, Epps and Bailey 2010), and the permutations give the probability of as much by chance.
public struct Association: Sendable, Equatable {
    public struct Cluster: Sendable, Equatable {
        /// Adjusted share, at most 1; about 0 where property and cluster are independent.
        public let share: Double
        /// Probability of at least this much by chance: (1 + permutations that reach it) / (1 +
        /// permutations).
        public let probability: Double
    }

    /// One a cluster, `0..<clusters`.
    public let clusters: [Cluster]

    /// - Parameters:
    ///   - labels: cluster of every row, `0..<count`.
    ///   - classes: class of every row, from 0.
    ///   - permutations: of the labels.
    /// - Throws: `LatentError` where there are no rows or not one class for each.
    public init(
        labels: [Int], count: Int, classes: [Int], permutations: Int = 199, seed: UInt64 = 0
    ) throws(LatentError) {
        guard labels.count == classes.count, !labels.isEmpty else {
            throw LatentError(
                .sizeMismatch, "\(labels.count) labels and \(classes.count) classes",
                remedy: "Give one of each for every particle")
        }
        guard labels.allSatisfy((0..<count).contains), let last = classes.max(),
            classes.allSatisfy({ $0 >= 0 })
        else {
            throw .setting("labels", found: "a value out of range", wanted: "0..<\(count), classes from 0")
        }
        let table = Table(classes: classes, width: last + 1, clusters: count)
        let own = table.information(labels)
        let entropy = table.entropies(labels)
        var sums = [Double](repeating: 0, count: count)
        var reached = [Int](repeating: 0, count: count)
        var random = RandomSource(seed: seed)
        var shuffled = labels
        for _ in 0..<permutations {
            shuffled.shuffle(using: &random)
            for (k, value) in table.information(shuffled).enumerated() {
                sums[k] += value
                if value >= own[k] - 1e-12 { reached[k] += 1 }
            }
        }
        clusters = (0..<count).map { k in
            let chance = permutations > 0 ? sums[k] / Double(permutations) : 0
            let rest = entropy[k] - chance
            return Cluster(
                share: rest > 1e-12 ? (own[k] - chance) / rest : 0,
                probability: Double(1 + reached[k]) / Double(1 + permutations))
        }
    }

    /// Classes 0 ..< `parts` of about equally many values each, by rank; equal values share a class.
    public static func quantiles(_ values: [Double], parts: Int) -> [Int] {
        let bounds = (1..<max(2, parts)).map { percentile(100 * Double($0) / Double(parts), of: values) }
        return values.map { value in bounds.count { $0 < value } }
    }

    /// Rows by class, for labels that change.
    private struct Table {
        let classes: [Int]
        let width: Int
        let clusters: Int
        private let classCounts: [Int]

        init(classes: [Int], width: Int, clusters: Int) {
            (self.classes, self.width, self.clusters) = (classes, width, clusters)
            classCounts = classes.reduce(into: [Int](repeating: 0, count: width)) { $0[$1] += 1 }
        }

        /// Mutual information of the property and membership in each cluster, nats.
        func information(_ labels: [Int]) -> [Double] {
            var counts = [Int](repeating: 0, count: clusters * width)
            var sizes = [Int](repeating: 0, count: clusters)
            for (label, value) in zip(labels, classes) {
                counts[label * width + value] += 1
                sizes[label] += 1
            }
            let n = Double(labels.count)
            return (0..<clusters).map { k in
                (0..<width).reduce(0.0) { sum, c in
                    let (inside, all) = (counts[k * width + c], classCounts[c])
                    return sum + Self.term(inside, all, sizes[k], n)
                        + Self.term(all - inside, all, labels.count - sizes[k], n)
                }
            }
        }

        /// p ln (p / (q r)) for counts of a cell, its column and its row.
        private static func term(_ cell: Int, _ column: Int, _ row: Int, _ n: Double) -> Double {
            guard cell > 0 else { return 0 }
            return Double(cell) / n * log(Double(cell) * n / (Double(column) * Double(row)))
        }

        /// Entropy of membership in each cluster, nats.
        func entropies(_ labels: [Int]) -> [Double] {
            var sizes = [Int](repeating: 0, count: clusters)
            for label in labels { sizes[label] += 1 }
            return sizes.map { size in
                let p = Double(size) / Double(labels.count)
                return p > 0 && p < 1 ? -p * log(p) - (1 - p) * log(1 - p) : 0
            }
        }
    }
}
