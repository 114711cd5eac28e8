/// Principal components of latent coordinates, exact: the eigenvectors of the covariance.
///
/// Every component points so that its loading of largest magnitude is positive, so equal data give equal
/// signs.
public struct PCA: Sendable, Equatable {
    /// `[columns]`
    public let mean: [Double]
    /// One component a row, `[components, columns]`, unit length, by descending variance.
    public let components: Matrix
    /// Variance along every component (divided by rows - 1), in squared latent units.
    public let explainedVariance: [Double]
    /// Share of the total variance along every component.
    public let explainedVarianceRatio: [Double]

    /// - Parameters:
    ///   - data: `[rows, columns]`, at least two rows
    ///   - threads: nil uses every core
    /// - Throws: `LatentError` on an empty table, a value that is not finite, or one row alone.
    public init(_ data: Matrix, threads: Int? = nil) throws(LatentError) {
        try data.requireFinite(for: "PCA")
        guard data.rows >= 2 else {
            throw .tooFew(data.rows, wanted: 2, for: "PCA", remedy: "Give more particles")
        }
        let d = data.columns
        let moments = Moments(data, threads: Parallel.resolved(threads))
        let eigen = SymmetricEigen(moments.covariance, order: d)
        let kept = min(data.rows, d)
        var loadings: [Float] = []
        for vector in eigen.vectors.prefix(kept) {
            let largest = vector.max { $0.magnitude < $1.magnitude } ?? 1
            loadings += vector.map { Float(largest < 0 ? -$0 : $0) }
        }
        let variance = eigen.values.map { max(0, $0) }
        let total = variance.reduce(0, +)
        mean = moments.mean
        components = Matrix(unchecked: kept, d, loadings)
        explainedVariance = Array(variance.prefix(kept))
        explainedVarianceRatio = variance.prefix(kept).map { total > 0 ? $0 / total : 0 }
    }

    /// Coordinates along the components, `[rows, components]`.
    /// - Throws: `LatentError` when the number of columns is not that of the data the components come from.
    public func transform(_ data: Matrix) throws(LatentError) -> Matrix {
        guard data.columns == mean.count else { throw mismatch(data.columns, mean.count) }
        var scores = Matrix(zeros: data.rows, components.rows)
        for r in 0..<data.rows {
            let centred = zip(data.row(r), mean).map { Double($0) - $1 }
            for k in 0..<components.rows {
                scores[r, k] = Float(zip(centred, components.row(k)).reduce(0) { $0 + $1.0 * Double($1.1) })
            }
        }
        return scores
    }

    /// Latent coordinates of scores, `[rows, columns]`; scores may have fewer columns than there are
    /// components, the others are then at the mean.
    public func inverse(_ scores: Matrix) throws(LatentError) -> Matrix {
        guard scores.columns <= components.rows else { throw mismatch(scores.columns, components.rows) }
        var data = Matrix(zeros: scores.rows, mean.count)
        for r in 0..<scores.rows {
            var point = mean
            for (k, score) in scores.row(r).enumerated() {
                for (c, loading) in components.row(k).enumerated() {
                    point[c] += Double(score) * Double(loading)
                }
            }
            for c in 0..<mean.count { data[r, c] = Float(point[c]) }
        }
        return data
    }

    private func mismatch(_ found: Int, _ wanted: Int) -> LatentError {
        LatentError(
            .sizeMismatch, "PCA got \(found) columns; wanted \(wanted)",
            remedy: "Use latents of the run that the components come from")
    }
}

/// Mean and covariance in double precision, summed chunk by chunk.
struct Moments {
    /// `[columns]`
    let mean: [Double]
    /// `[columns, columns]`, divided by rows - 1.
    let covariance: [Double]

    init(_ data: Matrix, threads: Int) {
        let d = data.columns
        let size = 4096
        let source = Storage(data.values)
        let sums = Storage<Double>(repeating: 0, count: Parallel.chunkCount(data.rows, size: size) * d)
        Parallel.chunks(data.rows, size: size, threads: threads) { chunk, range in
            let sum = sums.base + chunk * d
            for r in range { for c in 0..<d { sum[c] += Double(source.base[r * d + c]) } }
        }
        let mean = Self.total(sums, width: d).map { $0 / Double(data.rows) }
        let centre = Storage(mean)
        let products = Storage<Double>(
            repeating: 0, count: Parallel.chunkCount(data.rows, size: size) * d * d)
        Parallel.chunks(data.rows, size: size, threads: threads) { chunk, range in
            let product = products.base + chunk * d * d
            for r in range {
                for i in 0..<d {
                    let x = Double(source.base[r * d + i]) - centre.base[i]
                    for j in 0...i {
                        product[i * d + j] += x * (Double(source.base[r * d + j]) - centre.base[j])
                    }
                }
            }
        }
        var covariance = Self.total(products, width: d * d).map { $0 / Double(max(1, data.rows - 1)) }
        for i in 0..<d { for j in 0..<i { covariance[j * d + i] = covariance[i * d + j] } }
        self.mean = mean
        self.covariance = covariance
    }

    private static func total(_ parts: Storage<Double>, width: Int) -> [Double] {
        var sum = [Double](repeating: 0, count: width)
        for k in 0..<parts.count { sum[k % width] += parts.base[k] }
        return sum
    }
}
