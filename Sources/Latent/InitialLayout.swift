/// Where the layout starts: a box of side 10, as in umap-learn, with a little noise so that equal rows part.
struct InitialLayout {
    let dimensions: Int
    let threads: Int

    private static let side = 10.0
    private static let noise = 1e-4

    /// `[vertices, dimensions]`
    func coordinates(
        _ graph: FuzzyGraph, _ data: Matrix, start: UMAPSettings.Start, using random: inout RandomSource
    ) throws(LatentError) -> [Float] {
        let raw: [Double]
        switch start {
        case .spectral: raw = try spectral(graph, data, using: &random)
        case .pca: raw = try principal(data)
        }
        return scaled(raw, using: &random)
    }

    /// The first principal components; further dimensions than the data has are zero.
    private func principal(_ data: Matrix) throws(LatentError) -> [Double] {
        let scores = try PCA(data, threads: threads).transform(data)
        return (0..<data.rows).flatMap { r in
            (0..<dimensions).map { $0 < scores.columns ? Double(scores[r, $0]) : 0 }
        }
    }

    private func spectral(
        _ graph: FuzzyGraph, _ data: Matrix, using random: inout RandomSource
    ) throws(LatentError) -> [Double] {
        let components = graph.components()
        guard components.count > 1 else {
            return SpectralLayout(graph, dimensions: dimensions, threads: threads).vectors(using: &random)
        }
        let places = try componentPlaces(components, data)
        var layout = [Double](repeating: 0, count: graph.vertices * dimensions)
        for (number, members) in components.enumerated() {
            let reach = Self.reach(of: number, among: places)
            let inner = innerLayout(graph.restricted(to: members), reach: reach, using: &random)
            for (k, vertex) in members.enumerated() {
                for c in 0..<dimensions {
                    layout[vertex * dimensions + c] = places[number][c] + inner[k * dimensions + c]
                }
            }
        }
        return layout
    }

    /// One component around the origin, within `reach`.
    private func innerLayout(_ graph: FuzzyGraph, reach: Double, using random: inout RandomSource) -> [Double]
    {
        guard graph.vertices >= 2 * dimensions, graph.vertices > dimensions + 1 else {
            return (0..<graph.vertices * dimensions).map { _ in reach * (2 * random.uniform() - 1) }
        }
        let vectors = SpectralLayout(graph, dimensions: dimensions, threads: threads).vectors(using: &random)
        let largest = vectors.reduce(0) { max($0, $1.magnitude) }
        return vectors.map { largest > 0 ? $0 * reach / largest : 0 }
    }

    /// Where the parts of a graph that is not connected go: few on the axes, many by the principal components
    /// of their mean rows.
    private func componentPlaces(_ components: [[Int]], _ data: Matrix) throws(LatentError) -> [[Double]] {
        if components.count <= 2 * dimensions {
            let half = (components.count + 1) / 2
            return (0..<components.count).map { k in
                (0..<dimensions).map { $0 == k % half ? (k < half ? 1 : -1) : 0 }
            }
        }
        let means = components.map { members in
            (0..<data.columns).map { c in
                Float(members.reduce(0.0) { $0 + Double(data[$1, c]) } / Double(members.count))
            }
        }
        let table = try Matrix(rows: means)
        let scores = try principal(table)
        let largest = scores.reduce(0) { max($0, $1.magnitude) }
        return (0..<components.count).map { k in
            (0..<dimensions).map { largest > 0 ? scores[k * dimensions + $0] / largest : 0 }
        }
    }

    /// Half the distance to the nearest other component.
    private static func reach(of number: Int, among places: [[Double]]) -> Double {
        let squared = places.map { other in
            zip(other, places[number]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        let least = squared.filter { $0 > 0 }.min() ?? 4
        return least.squareRoot() / 2
    }

    /// Scales to the box and adds the noise.
    private func scaled(_ raw: [Double], using random: inout RandomSource) -> [Float] {
        let largest = raw.reduce(0) { max($0, $1.magnitude) }
        var layout = raw.map { (largest > 0 ? $0 * Self.side / largest : 0) + Self.noise * random.normal() }
        for c in 0..<dimensions {
            var low = Double.infinity
            var high = -Double.infinity
            for i in stride(from: c, to: layout.count, by: dimensions) {
                low = min(low, layout[i])
                high = max(high, layout[i])
            }
            guard high > low else { continue }
            for i in stride(from: c, to: layout.count, by: dimensions) {
                layout[i] = Self.side * (layout[i] - low) / (high - low)
            }
        }
        return layout.map(Float.init)
    }
}

extension FuzzyGraph {
    /// The connected parts, each its vertices in ascending order, by their smallest vertex.
    func components() -> [[Int]] {
        var part = [Int](repeating: -1, count: vertices)
        var parts = 0
        for first in 0..<vertices where part[first] < 0 {
            var open = [first]
            part[first] = parts
            while let v = open.popLast() {
                for e in offsets.base[v]..<offsets.base[v + 1] {
                    let other = Int(ends.base[e])
                    if part[other] < 0 {
                        part[other] = parts
                        open.append(other)
                    }
                }
            }
            parts += 1
        }
        var members = [[Int]](repeating: [], count: parts)
        for v in 0..<vertices { members[part[v]].append(v) }
        return members
    }

    /// The graph of one connected part, its vertices renumbered.
    func restricted(to members: [Int]) -> FuzzyGraph {
        var number = [Int: Int32](minimumCapacity: members.count)
        for (k, v) in members.enumerated() { number[v] = Int32(k) }
        var kept = [0]
        var ends: [Int32] = []
        var weights: [Float] = []
        for v in members {
            for e in offsets.base[v]..<offsets.base[v + 1] {
                guard let end = number[Int(self.ends.base[e])] else { continue }
                ends.append(end)
                weights.append(self.weights.base[e])
            }
            kept.append(ends.count)
        }
        return FuzzyGraph(
            vertices: members.count, offsets: Storage(kept), ends: Storage(ends), weights: Storage(weights))
    }
}
