extension VectorBlock {
    /// Rayleigh-Ritz: the columns become orthonormal approximate eigenvectors of S; gives their values,
    /// descending.
    func diagonalise() -> [Double] {
        orthonormalise()
        // Twice, because the first time loses digits when the columns are nearly parallel.
        orthonormalise()
        let ritz = SymmetricEigen(symmetrised(products(current, width, image(), width)), order: width)
        rotate(mixing { i, k in ritz.vectors[k][i] })
        return ritz.values
    }

    /// Length of S x - value x for one column.
    func residual(_ column: Int, value: Double) -> Double {
        let product = image()
        let x = current
        let width = width
        return Parallel.sum(graph.vertices, size: Self.chunk, threads: threads) { range in
            range.reduce(0.0) { sum, v in
                let gap =
                    Double(product.base[v * width + column]) - value * Double(x.base[v * width + column])
                return sum + gap * gap
            }
        }.squareRoot()
    }

    /// The first columns, `[vertices, count]`.
    func columns(_ count: Int) -> [Double] {
        (0..<graph.vertices).flatMap { v in (0..<count).map { Double(current.base[v * width + $0]) } }
    }

    /// By the inverse square root of the Gram matrix of the columns at unit length.
    private func orthonormalise() {
        let gram = products(current, width, current, width)
        let length = (0..<width).map { max(gram[$0 * width + $0], 1e-300).squareRoot() }
        let unit = (0..<width * width).map { gram[$0] / (length[$0 / width] * length[$0 % width]) }
        let eigen = SymmetricEigen(symmetrised(unit), order: width)
        rotate(
            mixing { i, k in eigen.vectors[k][i] / (length[i] * max(eigen.values[k], 1e-10).squareRoot()) })
    }

    private func mixing(_ entry: (_ row: Int, _ column: Int) -> Double) -> [Double] {
        (0..<width * width).map { entry($0 / width, $0 % width) }
    }

    private func symmetrised(_ matrix: [Double]) -> [Double] {
        (0..<width * width).map { (matrix[$0] + matrix[$0 % width * width + $0 / width]) / 2 }
    }
}
