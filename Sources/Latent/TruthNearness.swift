/// Which particles are near in a known truth, and how well codes or clusters keep that.
///
/// Discrete truth: near are the particles of the same state. Continuous truth, where every state has a
/// position: near are the particles no farther away than the k-th nearest one, ties included, so that
/// particles of one state stand or fall together. The share by chance is that of two particles drawn at
/// random.
public struct TruthNearness: Sendable {
    /// State of every particle.
    public let states: [Int]
    /// Particles in each state, by its number.
    public let counts: [Int: Int]
    /// States that are near to a state, itself among them.
    public let near: [Int: Set<Int>]

    /// - Parameters:
    ///   - states: of every particle.
    ///   - positions: place of each state by its number; nil for a discrete truth.
    ///   - neighbours: k.
    /// - Throws: `LatentError` without particles, or where k is not 1 ... n - 1.
    public init(states: [Int], positions: [[Double]]?, neighbours k: Int) throws(LatentError) {
        guard k >= 1, k < states.count else {
            throw .setting(
                "neighbours", found: "\(k)", wanted: "from 1 to below the \(states.count) particles")
        }
        let counts = states.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
        let present = counts.keys.sorted()
        var near: [Int: Set<Int>] = [:]
        for state in present {
            guard let positions else {
                near[state] = [state]
                continue
            }
            guard present.allSatisfy(positions.indices.contains) else {
                throw LatentError(
                    .sizeMismatch, "\(positions.count) positions for states up to \(present.last ?? 0)",
                    remedy: "Give a position for every state")
            }
            let distances = present.map { Self.squared(positions[state], positions[$0]) }
            near[state] = Self.nearest(present, distances, counts, own: state, k)
        }
        (self.states, self.counts, self.near) = (states, counts, near)
    }

    /// Squared distance of two positions.
    private static func squared(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }

    /// States in order of distance until they hold k particles besides one; equal distances (to a part in
    /// 10^9, beyond which they are rounding) come in together.
    private static func nearest(
        _ states: [Int], _ distances: [Double], _ counts: [Int: Int], own: Int, _ k: Int
    ) -> Set<Int> {
        let order = states.indices.sorted { distances[$0] < distances[$1] }
        var held = -1
        var radius = 0.0
        for place in order {
            if held >= k { break }
            held += counts[states[place]] ?? 0
            radius = distances[place]
        }
        let limit = radius * (1 + 1e-9) + 1e-18
        return Set(states.indices.filter { distances[$0] <= limit }.map { states[$0] })
    }

    /// Particles near to one of a state, itself left out.
    private func nearCount(_ state: Int) -> Int {
        (near[state] ?? []).reduce(-1) { $0 + (counts[$1] ?? 0) }
    }

    /// Share of the other particles that are near, mean over the particles.
    public var byChance: Double {
        let sum = counts.reduce(0.0) { $0 + Double($1.value * nearCount($1.key)) }
        return sum / (Double(states.count) * Double(states.count - 1))
    }

    /// Share of the k nearest particles in a table of codes that are near in truth, mean over the particles.
    public func kept(
        in codes: Matrix, neighbours k: Int, threads: Int? = nil
    ) throws(LatentError) -> Double {
        try check(codes.rows)
        let found = try NeighbourIndex(codes).neighbours(k, threads: threads)
        var same = 0
        for row in 0..<codes.rows {
            let wanted = near[states[row]] ?? []
            for other in found.of(row) where wanted.contains(states[Int(other)]) { same += 1 }
        }
        return Double(same) / Double(codes.rows * k)
    }

    /// The same where there are clusters alone, all of whose particles are equally near to each other: share
    /// of a particle's fellows that are near in truth, mean over the particles that have fellows.
    public func kept(inClusters clusters: [Int]) throws(LatentError) -> Double {
        try check(clusters.count)
        let table = try Contingency(clusters: clusters, classes: states)
        var (sum, particles) = (0.0, 0)
        for row in table.counts {
            let size = row.reduce(0, +)
            guard size > 1 else { continue }
            for (column, count) in row.enumerated() where count > 0 {
                let wanted = near[table.classes[column]] ?? []
                let fellows = table.classes.indices.reduce(-1) {
                    $0 + (wanted.contains(table.classes[$1]) ? row[$1] : 0)
                }
                sum += Double(count) * Double(fellows) / Double(size - 1)
            }
            particles += size
        }
        return particles > 0 ? sum / Double(particles) : 0
    }

    private func check(_ rows: Int) throws(LatentError) {
        guard rows == states.count else {
            throw LatentError(
                .sizeMismatch, "\(rows) rows for \(states.count) particles",
                remedy: "Give one row for every particle")
        }
    }
}
