/// A few vectors over the vertices of a graph, side by side, and the normalised adjacency S applied to them.
///
/// All vectors are kept orthogonal to D^1/2 1, the eigenvector of S with eigenvalue 1.
final class VectorBlock {
    let graph: FuzzyGraph
    let width: Int
    let threads: Int
    /// Weights of S, one an edge.
    private let weights: Storage<Float>
    /// D^1/2 1, length 1.
    private let trivial: Storage<Float>
    /// `[vertices, width]`
    private(set) var current: Storage<Float>
    private var previous: Storage<Float>
    private var next: Storage<Float>

    static let chunk = 1024

    init(_ graph: FuzzyGraph, width: Int, threads: Int) {
        self.graph = graph
        self.width = width
        self.threads = threads
        let n = graph.vertices
        let root = Storage<Float>(repeating: 0, count: n)
        var total = 0.0
        for v in 0..<n {
            var degree = 0.0
            for e in graph.offsets.base[v]..<graph.offsets.base[v + 1] {
                degree += Double(graph.weights.base[e])
            }
            root.base[v] = Float(degree.squareRoot())
            total += degree
        }
        weights = Storage(repeating: 0, count: graph.edges)
        for v in 0..<n {
            for e in graph.offsets.base[v]..<graph.offsets.base[v + 1] {
                weights.base[e] = graph.weights.base[e] / (root.base[v] * root.base[Int(graph.ends.base[e])])
            }
        }
        trivial = Storage(repeating: 0, count: n)
        for v in 0..<n { trivial.base[v] = root.base[v] / Float(total.squareRoot()) }
        current = Storage(repeating: 0, count: n * width)
        previous = Storage(repeating: 0, count: n * width)
        next = Storage(repeating: 0, count: n * width)
    }

    func fill(using random: inout RandomSource) {
        for i in 0..<current.count { current.base[i] = Float(random.normal()) }
        project()
    }

    /// Applies the Chebyshev polynomial of S that is small on [-1, edge] and grows above it, scaled to 1 at
    /// 1.
    func filter(degree: Int, below edge: Double) {
        let half = (edge + 1) / 2
        let centre = (edge - 1) / 2
        let first = half / (1 - centre)
        var sigma = first
        apply(scale: first / half, centre: centre, carry: 0)
        for _ in 1..<max(2, degree) {
            let following = 1 / (2 / first - sigma)
            apply(scale: 2 * following / half, centre: centre, carry: -sigma * following)
            sigma = following
        }
        project()
    }

    /// (current, previous) <- (scale (S - centre) current + carry previous, current)
    private func apply(scale: Double, centre: Double, carry: Double) {
        let (scale, centre, carry) = (Float(scale), Float(centre), Float(carry))
        let width = width
        let (x, old, out) = (current, previous, next)
        Parallel.chunks(graph.vertices, size: Self.chunk, threads: threads) { _, range in
            for v in range {
                let sum = out.base + v * width
                var l = 0
                while l < width {
                    sum[l] = -centre * x.base[v * width + l]
                    l += 1
                }
                addNeighbours(of: v, x.base, sum)
                l = 0
                while l < width {
                    sum[l] = scale * sum[l] + carry * old.base[v * width + l]
                    l += 1
                }
            }
        }
        (current, previous, next) = (out, x, old)
    }

    /// sum += row v of S x, eight columns at a time, which stay in registers over the row.
    @inline(__always)
    private func addNeighbours(
        of v: Int, _ x: UnsafeMutablePointer<Float>, _ sum: UnsafeMutablePointer<Float>
    ) {
        let (first, last) = (graph.offsets.base[v], graph.offsets.base[v + 1])
        var block = 0
        while block < width {
            let place = UnsafeMutableRawPointer(sum + block)
            var total = place.loadUnaligned(as: SIMD8<Float>.self)
            var e = first
            while e < last {
                let other = UnsafeRawPointer(x + Int(graph.ends.base[e]) * width + block)
                total += weights.base[e] * other.loadUnaligned(as: SIMD8<Float>.self)
                e += 1
            }
            place.storeBytes(of: total, as: SIMD8<Float>.self)
            block += 8
        }
    }

    /// S times the block, `[vertices, width]`.
    func image() -> Storage<Float> {
        let width = width
        let x = current
        let out = Storage<Float>(repeating: 0, count: x.count)
        Parallel.chunks(graph.vertices, size: Self.chunk, threads: threads) { _, range in
            for v in range { addNeighbours(of: v, x.base, out.base + v * width) }
        }
        return out
    }

    /// Replaces the columns by combinations of them: new column k is the sum of `mixing[i * width + k]` x
    /// column i.
    func rotate(_ mixing: [Double]) {
        let width = width
        let mix = Storage(mixing.map { Float($0) })
        let (x, out) = (current, next)
        Parallel.chunks(graph.vertices, size: Self.chunk, threads: threads) { _, range in
            for v in range {
                let row = out.base + v * width
                var k = 0
                while k < width {
                    row[k] = 0
                    k += 1
                }
                for i in 0..<width {
                    let value = x.base[v * width + i]
                    let weight = mix.base + i * width
                    k = 0
                    while k < width {
                        row[k] += value * weight[k]
                        k += 1
                    }
                }
            }
        }
        (current, next) = (out, x)
    }

    /// Takes the part along the trivial eigenvector off every column.
    private func project() {
        let width = width
        let (x, t) = (current, trivial)
        let along = Storage(products(trivial, 1, current, width).map { Float($0) })
        Parallel.chunks(graph.vertices, size: Self.chunk, threads: threads) { _, range in
            for v in range {
                for l in 0..<width { x.base[v * width + l] -= along.base[l] * t.base[v] }
            }
        }
    }

    /// All inner products of the columns of two blocks, `[leftWidth, rightWidth]`.
    func products(
        _ left: Storage<Float>, _ leftWidth: Int, _ right: Storage<Float>, _ rightWidth: Int
    ) -> [Double] {
        let size = leftWidth * rightWidth
        let parts = Storage<Double>(
            repeating: 0, count: Parallel.chunkCount(graph.vertices, size: Self.chunk) * size)
        Parallel.chunks(graph.vertices, size: Self.chunk, threads: threads) { chunk, range in
            let part = parts.base + chunk * size
            for v in range {
                for i in 0..<leftWidth {
                    let a = Double(left.base[v * leftWidth + i])
                    var j = 0
                    while j < rightWidth {
                        part[i * rightWidth + j] += a * Double(right.base[v * rightWidth + j])
                        j += 1
                    }
                }
            }
        }
        var total = [Double](repeating: 0, count: size)
        for k in 0..<parts.count { total[k % size] += parts.base[k] }
        return total
    }
}
