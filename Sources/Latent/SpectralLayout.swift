/// The smoothest functions on a connected graph: eigenvectors of the normalised adjacency S = D^-1/2 W D^-1/2
/// with the largest eigenvalues below 1, which are those of the normalised Laplacian I - S with the smallest
/// above 0.
///
/// Subspace iteration with a Chebyshev filter (Zhou, Saad, Tiago and Chelikowsky 2006): the filter damps [-1,
/// c], where c is the smallest Ritz value of the block.
struct SpectralLayout {
    private let dimensions: Int
    private let block: VectorBlock

    private static let rounds = 14
    private static let firstDegree = 12
    private static let degree = 36

    init(_ graph: FuzzyGraph, dimensions: Int, threads: Int) {
        self.dimensions = dimensions
        block = VectorBlock(graph, width: (dimensions + 5 + 7) / 8 * 8, threads: threads)
    }

    /// `[vertices, dimensions]`; each column has length 1 and its entry of largest magnitude positive.
    ///
    /// It stops when the residuals are 1 % of the wanted eigenvalues of the Laplacian, or after a fixed
    /// amount of work: a start for a layout needs no more.
    func vectors(using random: inout RandomSource) -> [Double] {
        block.fill(using: &random)
        var edge = 0.5
        for round in 0..<Self.rounds {
            block.filter(degree: round < 2 ? Self.firstDegree : Self.degree, below: edge)
            let ritz = block.diagonalise()
            edge = min(0.9999, max(0, ritz[ritz.count - 1]))
            let worst = (0..<dimensions).map { block.residual($0, value: ritz[$0]) }.max() ?? 0
            if worst < max(1e-6, 0.01 * (1 - ritz[dimensions - 1])) { break }
        }
        return signed(block.columns(dimensions))
    }

    private func signed(_ columns: [Double]) -> [Double] {
        var signed = columns
        for c in 0..<dimensions {
            var largest = 0.0
            for i in stride(from: c, to: columns.count, by: dimensions)
            where columns[i].magnitude > largest.magnitude { largest = columns[i] }
            guard largest < 0 else { continue }
            for i in stride(from: c, to: columns.count, by: dimensions) { signed[i] = -columns[i] }
        }
        return signed
    }
}
