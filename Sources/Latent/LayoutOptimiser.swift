/// UMAP's layout by stochastic gradient descent: linked rows pull, random rows push.
///
/// umap-learn moves both ends of an edge at once and in place. Here a pass reads where every row was after
/// the pass before and moves each row by itself: as every edge is stored from both ends, a pull counts double
/// instead. A row's random rows come from (seed, pass, row), so the order of the work does not matter.
final class LayoutOptimiser {
    let graph: FuzzyGraph
    private let dimensions: Int
    private let threads: Int
    private let epochs: Int
    private let rate: Double
    let negatives: Int
    let seed: UInt64
    let forces: LayoutForces
    /// Passes between two draws of an edge, and the pass of its next draw.
    let period: Storage<Float>
    let due: Storage<Float>
    /// `[vertices, dimensions]`, after the last pass.
    private(set) var positions: Storage<Float>
    private(set) var following: Storage<Float>

    private static let chunk = 256

    init(
        _ graph: FuzzyGraph, start: [Float], settings: UMAPSettings, curve: LayoutCurve, epochs: Int,
        threads: Int
    ) {
        self.graph = graph
        self.threads = threads
        self.epochs = epochs
        dimensions = settings.dimensions
        rate = settings.learningRate
        negatives = settings.negativeSampleRate
        seed = settings.seed
        forces = LayoutForces(curve, repulsion: settings.repulsion, dimensions: settings.dimensions)
        var strongest: Float = 0
        for e in 0..<graph.edges where graph.weights.base[e] > strongest { strongest = graph.weights.base[e] }
        period = Storage(repeating: 0, count: graph.edges)
        for e in 0..<graph.edges { period.base[e] = strongest / graph.weights.base[e] }
        due = Storage(period.array)
        positions = Storage(start)
        following = Storage(start)
    }

    /// One pass over the graph; the step shrinks from the learning rate to zero over all passes.
    func pass(_ epoch: Int) {
        let step = Float(rate * (1 - Double(epoch) / Double(epochs)))
        Parallel.chunks(graph.vertices, size: Self.chunk, threads: threads) { _, range in
            let scratch = Storage<Float>(repeating: 0, count: 2 * dimensions)
            if dimensions == 2 {
                for v in range { moveInPlane(v, epoch, step) }
            } else {
                for v in range { move(v, epoch, step, scratch) }
            }
        }
        swap(&positions, &following)
    }

    /// - Parameter scratch: `[2, dimensions]`: the row on its way, and the sum of the pushes on it
    private func move(_ v: Int, _ epoch: Int, _ step: Float, _ scratch: Storage<Float>) {
        let old = positions.base
        let head = scratch.base
        let dimensions = dimensions
        var random = RandomSource(seed: seed, UInt64(epoch), UInt64(v))
        var c = 0
        while c < dimensions {
            head[c] = old[v * dimensions + c]
            c += 1
        }
        let now = Float(epoch)
        var e = graph.offsets.base[v]
        let last = graph.offsets.base[v + 1]
        while e < last {
            if due.base[e] <= now {
                due.base[e] += period.base[e]
                forces.pull(head, to: old + Int(graph.ends.base[e]) * dimensions, step: step)
                push(v, head, head + dimensions, step, &random)
            }
            e += 1
        }
        c = 0
        while c < dimensions {
            following.base[v * dimensions + c] = head[c]
            c += 1
        }
    }

    /// Pushes the row away from as many random rows as belong to one pull, all seen from where it is now.
    @inline(__always)
    private func push(
        _ v: Int, _ head: UnsafeMutablePointer<Float>, _ move: UnsafeMutablePointer<Float>, _ step: Float,
        _ random: inout RandomSource
    ) {
        let old = positions.base
        let n = UInt64(graph.vertices)
        let dimensions = dimensions
        var c = 0
        while c < dimensions {
            move[c] = 0
            c += 1
        }
        var left = negatives
        var bits: UInt64 = 0
        while left > 0 {
            // Two rows from the two halves of one draw.
            bits = (negatives &- left) & 1 == 0 ? random.next() : bits &>> 32
            let other = Int(truncatingIfNeeded: ((bits & 0xFFFF_FFFF) &* n) &>> 32)
            if other != v { forces.push(head, from: old + other &* dimensions, into: move) }
            left &-= 1
        }
        c = 0
        while c < dimensions {
            head[c] += step * move[c]
            c += 1
        }
    }
}
