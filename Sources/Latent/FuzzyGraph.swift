/// UMAP's weighted neighbour graph, symmetric, in compressed rows.
struct FuzzyGraph {
    let vertices: Int
    /// `[vertices + 1]`: the edges of vertex v are `offsets[v]..<offsets[v + 1]`.
    let offsets: Storage<Int>
    /// Other end of every edge, ascending within a vertex.
    let ends: Storage<Int32>
    /// In (0, 1].
    let weights: Storage<Float>

    var edges: Int { ends.count }

    init(vertices: Int, offsets: Storage<Int>, ends: Storage<Int32>, weights: Storage<Float>) {
        self.vertices = vertices
        self.offsets = offsets
        self.ends = ends
        self.weights = weights
    }

    /// The fuzzy union of all neighbourhoods: w = p + q - p q for the two directed weights of a pair.
    init(_ neighbours: Neighbours, threads: Int) {
        let out = DirectedGraph(Memberships(neighbours, threads: threads).weights, neighbours)
        let into = out.transposed()
        let n = neighbours.queries
        let counts = Storage<Int>(repeating: 0, count: n)
        Parallel.chunks(n, size: 1024, threads: threads) { _, range in
            for v in range {
                var count = 0
                Self.merge(out, into, v) { _, weight in if weight > 0 { count += 1 } }
                counts.base[v] = count
            }
        }
        let offsets = Storage(counts.array.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) })
        let ends = Storage<Int32>(repeating: 0, count: offsets.base[n])
        let weights = Storage<Float>(repeating: 0, count: offsets.base[n])
        Parallel.chunks(n, size: 1024, threads: threads) { _, range in
            for v in range {
                var place = offsets.base[v]
                Self.merge(out, into, v) { end, weight in
                    guard weight > 0 else { return }
                    ends.base[place] = end
                    weights.base[place] = weight
                    place += 1
                }
            }
        }
        self.init(vertices: n, offsets: offsets, ends: ends, weights: weights)
    }

    /// Walks the two ascending edge lists of a vertex together.
    @inline(__always)
    private static func merge(
        _ out: DirectedGraph, _ into: DirectedGraph, _ vertex: Int, _ found: (Int32, Float) -> Void
    ) {
        var i = out.offsets.base[vertex]
        var j = into.offsets.base[vertex]
        let lastOut = out.offsets.base[vertex + 1]
        let lastInto = into.offsets.base[vertex + 1]
        while i < lastOut || j < lastInto {
            let a = i < lastOut ? out.ends.base[i] : .max
            let b = j < lastInto ? into.ends.base[j] : .max
            let p = a <= b ? out.weights.base[i] : 0
            let q = b <= a ? into.weights.base[j] : 0
            found(a < b ? a : b, p + q - p * q)
            if a <= b { i += 1 }
            if b <= a { j += 1 }
        }
    }

    /// The graph without the edges too weak to be drawn once in `epochs` passes.
    func pruned(epochs: Int) -> FuzzyGraph {
        var strongest: Float = 0
        for e in 0..<edges where weights.base[e] > strongest { strongest = weights.base[e] }
        let least = strongest / Float(max(1, epochs))
        var kept = [0]
        var ends: [Int32] = []
        var weights: [Float] = []
        ends.reserveCapacity(edges)
        weights.reserveCapacity(edges)
        for v in 0..<vertices {
            for e in offsets.base[v]..<offsets.base[v + 1] where self.weights.base[e] >= least {
                ends.append(self.ends.base[e])
                weights.append(self.weights.base[e])
            }
            kept.append(ends.count)
        }
        return FuzzyGraph(
            vertices: vertices, offsets: Storage(kept), ends: Storage(ends), weights: Storage(weights))
    }
}

/// The neighbour lists as a graph, ends ascending within a vertex.
private struct DirectedGraph {
    let offsets: Storage<Int>
    let ends: Storage<Int32>
    let weights: Storage<Float>

    private init(offsets: Storage<Int>, ends: Storage<Int32>, weights: Storage<Float>) {
        self.offsets = offsets
        self.ends = ends
        self.weights = weights
    }

    init(_ weights: Storage<Float>, _ neighbours: Neighbours) {
        let k = neighbours.count
        ends = Storage(neighbours.indices)
        self.weights = weights
        offsets = Storage((0...neighbours.queries).map { $0 * k })
        for v in 0..<neighbours.queries { sort(v * k, k) }
    }

    /// Insertion sort of one short list by its ends.
    private func sort(_ start: Int, _ count: Int) {
        let end = ends.base + start
        let weight = weights.base + start
        var i = 1
        while i < count {
            let (movedEnd, movedWeight) = (end[i], weight[i])
            var j = i
            while j > 0, end[j - 1] > movedEnd {
                end[j] = end[j - 1]
                weight[j] = weight[j - 1]
                j -= 1
            }
            end[j] = movedEnd
            weight[j] = movedWeight
            i += 1
        }
    }

    func transposed() -> DirectedGraph {
        let n = offsets.count - 1
        var place = [Int](repeating: 0, count: n + 1)
        for e in 0..<ends.count { place[Int(ends.base[e]) + 1] += 1 }
        for v in 0..<n { place[v + 1] += place[v] }
        let starts = Storage(place)
        let flippedEnds = Storage<Int32>(repeating: 0, count: ends.count)
        let flippedWeights = Storage<Float>(repeating: 0, count: ends.count)
        for v in 0..<n {
            for e in offsets.base[v]..<offsets.base[v + 1] {
                let other = Int(ends.base[e])
                flippedEnds.base[place[other]] = Int32(v)
                flippedWeights.base[place[other]] = weights.base[e]
                place[other] += 1
            }
        }
        return DirectedGraph(offsets: starts, ends: flippedEnds, weights: flippedWeights)
    }
}
