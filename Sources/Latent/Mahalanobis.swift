/// Distances from the middle of a cloud of points, in standard deviations along each of its principal axes.
public struct Mahalanobis: Sendable {
    private let mean: [Double]
    /// Principal axes divided by the standard deviation along them, [axes, columns].
    private let axes: [[Double]]

    /// Axes along which the cloud has less than this share of its largest variance are given that share.
    private static let leastShare = 1e-6

    /// The distances by mean and covariance of the rows.
    public init(_ data: Matrix, threads: Int? = nil) throws(LatentError) {
        self.init(try PCA(data, threads: threads))
    }

    init(_ pca: PCA, leastShare: Double = Self.leastShare) {
        mean = pca.mean
        let least = max(leastShare * (pca.explainedVariance.first ?? 0), 1e-20)
        axes = pca.explainedVariance.enumerated().map { k, variance in
            let deviation = max(variance, least).squareRoot()
            return pca.components.row(k).map { Double($0) / deviation }
        }
    }

    /// The distance of one point, `[columns]`.
    public func callAsFunction(_ point: ArraySlice<Float>) -> Double {
        let centred = zip(point, mean).map { Double($0) - $1 }
        return axes.reduce(0.0) { sum, axis in
            let along = zip(axis, centred).reduce(0) { $0 + $1.0 * $1.1 }
            return sum + along * along
        }.squareRoot()
    }

    /// Places whose Euclidean distances from each other are those of the rows in these units, `[rows, axes]`.
    func coordinates(_ data: Matrix) -> Matrix {
        var places = Matrix(zeros: data.rows, axes.count)
        for row in 0..<data.rows {
            let centred = zip(data.row(row), mean).map { Double($0) - $1 }
            for (k, axis) in axes.enumerated() {
                places[row, k] = Float(zip(axis, centred).reduce(0) { $0 + $1.0 * $1.1 })
            }
        }
        return places
    }

    /// The distance of every row.
    public func callAsFunction(_ data: Matrix) -> [Double] { (0..<data.rows).map { self(data.row($0)) } }
}
