import Foundation

/// How strongly every row belongs to the neighbourhood of every other: exp(-(d - rho) / sigma), with rho the
/// distance to the nearest distinct row and sigma such that a row's strengths add up to log2 of its
/// neighbours (umap-learn's `smooth_knn_dist` and `compute_membership_strengths`, local connectivity 1).
struct Memberships {
    /// `[rows, neighbours]`
    let weights: Storage<Float>

    private static let iterations = 64
    private static let tolerance = 1e-5
    /// Least sigma as a share of the mean distance.
    private static let leastScale = 1e-3

    init(_ neighbours: Neighbours, threads: Int) {
        let k = neighbours.count
        let distances = Storage(neighbours.distances)
        let weights = Storage<Float>(repeating: 0, count: distances.count)
        // The row itself, at distance 0, counts as a neighbour here as it does in umap-learn.
        let overall =
            Parallel.sum(distances.count, size: 8192, threads: threads) { range in
                range.reduce(0.0) { $0 + Double(distances.base[$1]) }
            } / Double(neighbours.queries * (k + 1))
        Parallel.chunks(neighbours.queries, size: 1024, threads: threads) { _, range in
            for row in range {
                Self.strengths(distances.base + row * k, k, overallMean: overall, weights.base + row * k)
            }
        }
        self.weights = weights
    }

    private static func strengths(
        _ distances: UnsafeMutablePointer<Float>, _ k: Int, overallMean: Double,
        _ weights: UnsafeMutablePointer<Float>
    ) {
        var rho = 0.0
        var mean = 0.0
        for j in 0..<k {
            if rho == 0 { rho = Double(distances[j]) }
            mean += Double(distances[j])
        }
        mean /= Double(k + 1)
        var sigma = bandwidth(distances, k, rho: rho, target: log2(Double(k + 1)))
        sigma = max(sigma, leastScale * (rho > 0 ? mean : overallMean))
        for j in 0..<k {
            let beyond = Double(distances[j]) - rho
            weights[j] = beyond <= 0 || sigma == 0 ? 1 : Float(exp(-beyond / sigma))
        }
    }

    /// sigma by bisection.
    private static func bandwidth(
        _ distances: UnsafeMutablePointer<Float>, _ k: Int, rho: Double, target: Double
    ) -> Double {
        var low = 0.0
        var high = Double.infinity
        var middle = 1.0
        for _ in 0..<iterations {
            var sum = 0.0
            for j in 0..<k {
                let beyond = Double(distances[j]) - rho
                sum += beyond > 0 ? exp(-beyond / middle) : 1
            }
            if (sum - target).magnitude < tolerance { break }
            if sum > target {
                high = middle
                middle = (low + high) / 2
            } else {
                low = middle
                middle = high == .infinity ? middle * 2 : (low + high) / 2
            }
        }
        return middle
    }
}
