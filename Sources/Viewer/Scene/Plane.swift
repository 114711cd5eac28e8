import Latent

/// A plane that the particles are drawn in, and the codes of its places.
struct Plane: Sendable {
    struct Facts: Encodable, Sendable {
        let id: String
        let title: String
        let labels: [String]
        /// Whether both axes have one scale.
        let isSquare: Bool
        /// How a place gets its code.
        let method: String
    }

    private enum Kind: Sendable {
        /// The mean of the particles around a place, weighted by nearness.
        case neighbours(PlaneIndex, Matrix)
        /// Two principal components, the others at the mean.
        case components(PCA, Int, Int)
    }

    let facts: Facts
    let x: [Float]
    let y: [Float]
    private let kind: Kind
    /// Particles that a place's code is the mean of.
    static let neighbours = 12

    /// The UMAP layout of codes.
    init(layout: Matrix, codes: Matrix) {
        (x, y) = (layout.column(0), layout.column(1))
        facts = Facts(
            id: "umap", title: "UMAP", labels: ["UMAP 1", "UMAP 2"], isSquare: true,
            method: "mean code of the \(Self.neighbours) nearest particles, by nearness")
        kind = .neighbours(PlaneIndex(x: x, y: y), codes)
    }

    /// Principal components `first` and `second`, from 0.
    init(_ pca: PCA, scores: Matrix, _ first: Int, _ second: Int) {
        (x, y) = (scores.column(first), scores.column(second))
        let labels = [first, second].map { component in
            let share = Int((100 * pca.explainedVarianceRatio[component]).rounded())
            return "PC \(component + 1) (\(share) % of variance)"
        }
        facts = Facts(
            id: "pca-\(first + 1)-\(second + 1)", title: "Components \(first + 1) and \(second + 1)",
            labels: labels, isSquare: false, method: "exact; the other components at their mean")
        kind = .components(pca, first, second)
    }

    func code(at place: SIMD2<Float>) throws -> [Float] {
        switch kind {
        case .components(let pca, let first, let second):
            var scores = Matrix(zeros: 1, max(first, second) + 1)
            scores[0, first] = place.x
            scores[0, second] = place.y
            return Array(try pca.inverse(scores).row(0))
        case .neighbours(let index, let codes):
            let near = index.nearest(Self.neighbours, to: place)
            // Softened by the spread of the neighbours, so that codes change smoothly with the place.
            let soft = max((near.last?.squared ?? 0) / 8, 1e-12)
            let weights = near.map { 1 / ($0.squared + soft) }
            let total = weights.reduce(0, +)
            var code = [Float](repeating: 0, count: codes.columns)
            for (neighbour, weight) in zip(near, weights) {
                for (axis, value) in codes.row(neighbour.point).enumerated() {
                    code[axis] += value * weight / total
                }
            }
            return code
        }
    }

    /// Places evenly spaced along a line through the given ones.
    static func places(along line: [SIMD2<Float>], count: Int) -> [SIMD2<Float>] {
        var lengths: [Float] = [0]
        for (a, b) in zip(line, line.dropFirst()) {
            let d = b - a
            lengths.append((lengths.last ?? 0) + (d.x * d.x + d.y * d.y).squareRoot())
        }
        let whole = lengths.last ?? 0
        guard let first = line.first, whole > 0 else { return line }
        var segment = 0
        return (0..<count).map { step in
            let wanted = whole * Float(step) / Float(max(1, count - 1))
            while segment + 2 < line.count, lengths[segment + 1] < wanted { segment += 1 }
            let part = lengths[segment + 1] - lengths[segment]
            guard part > 0 else { return step == 0 ? first : line[segment + 1] }
            let t = min(1, max(0, (wanted - lengths[segment]) / part))
            return line[segment] + (line[segment + 1] - line[segment]) * t
        }
    }
}
