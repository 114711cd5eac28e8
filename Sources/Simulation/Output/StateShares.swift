import CryoEM

/// Which particle is in which state.
enum StateShares {
    /// Whole numbers of particles nearest to the shares (largest remainders first), in all `count`.
    static func counts(_ shares: [Double], count: Int) -> [Int] {
        let total = shares.reduce(0, +)
        let exact = shares.map { $0 / total * Double(count) }
        var counts = exact.map { Int($0) }
        let order = exact.indices.sorted {
            let (a, b) = (exact[$0] - Double(counts[$0]), exact[$1] - Double(counts[$1]))
            return a == b ? $0 < $1 : a > b
        }
        let missing = count - counts.reduce(0, +)
        for index in order.prefix(max(missing, 0)) { counts[index] += 1 }
        return counts
    }

    /// One state per particle, the counts exact, the order random.
    static func labels(_ shares: [Double], count: Int, random: CounterRandom) -> [Int] {
        var inOrder: [Int] = []
        for (state, number) in counts(shares, count: count).enumerated() {
            inOrder += Array(repeating: state, count: number)
        }
        let keys = (0..<count).map { random.bits(.order, item: $0, 0) }
        let order = (0..<count).sorted { keys[$0] == keys[$1] ? $0 < $1 : keys[$0] < keys[$1] }
        var labels = [Int](repeating: 0, count: count)
        for (position, particle) in order.enumerated() { labels[particle] = inOrder[position] }
        return labels
    }
}
