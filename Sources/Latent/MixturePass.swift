/// Passes over all rows that add up what the next parameters of a mixture are made of.
struct MixturePass {
    static let chunk = 2048

    /// Means of the columns, taken off the rows so that second moments keep their digits.
    let mean: [Double]
    private let rows: CentredRows

    init(_ data: Matrix, threads: Int) {
        mean = Moments(data, threads: threads).mean
        rows = CentredRows(data, mean: mean, threads: threads)
    }

    /// The sums with the posterior probabilities of a mixture.
    func sums(_ density: MixtureDensity) -> MixtureSums {
        gathered(components: density.count) { row, weights in density.posterior(row, &weights) }
    }

    /// The sums with every row in the component that its label names.
    func sums(labels: [Int], components: Int) -> MixtureSums {
        let labels = Storage(labels)
        let (base, width) = (UnsafePointer(rows.values.base), rows.columns)
        return gathered(components: components) { row, weights in
            for k in weights.indices { weights[k] = 0 }
            weights[labels.base[(row - base) / width]] = 1
            return 0
        }
    }

    /// - Parameter weigh: sets the components' weights for a row; returns ln of the density.
    private func gathered(
        components: Int, _ weigh: (UnsafePointer<Float>, inout [Double]) -> Double
    ) -> MixtureSums {
        let d = rows.columns
        let width = MixtureSums.width(d)
        let chunks = Parallel.chunkCount(rows.rows, size: Self.chunk)
        let parts = Storage<Double>(repeating: 0, count: chunks * components * width)
        let logs = Storage<Double>(repeating: 0, count: chunks)
        let source = UnsafePointer(rows.values.base)
        Parallel.chunks(rows.rows, size: Self.chunk, threads: rows.threads) { chunk, range in
            var weights = [Double](repeating: 0, count: components)
            for row in range {
                let x = source + row * d
                logs.base[chunk] += weigh(x, &weights)
                for k in 0..<components where weights[k] > 1e-12 {
                    Self.add(x, d, weights[k], to: parts.base + (chunk * components + k) * width)
                }
            }
        }
        var totals = [Double](repeating: 0, count: components * width)
        for k in 0..<parts.count { totals[k % totals.count] += parts.base[k] }
        return MixtureSums(
            count: components, columns: d, rows: rows.rows, values: totals,
            meanLogLikelihood: logs.array.reduce(0, +) / Double(rows.rows))
    }

    @inline(__always)
    private static func add(
        _ x: UnsafePointer<Float>, _ d: Int, _ weight: Double, to sum: UnsafeMutablePointer<Double>
    ) {
        sum[0] += weight
        var place = 1 + d
        for i in 0..<d {
            let weighted = weight * Double(x[i])
            sum[1 + i] += weighted
            for j in 0...i { sum[place + j] += weighted * Double(x[j]) }
            place += i + 1
        }
    }
}

/// Weight, weighted sum and weighted second moments of every component's rows.
struct MixtureSums {
    let count: Int
    let columns: Int
    let rows: Int
    /// `[components, 1 + d + d (d + 1) / 2]`
    let values: [Double]
    let meanLogLikelihood: Double

    static func width(_ columns: Int) -> Int { 1 + columns + columns * (columns + 1) / 2 }

    /// The parameters of greatest likelihood (scikit-learn's M step).
    func components(regularisation: Double, mean: [Double]) -> [GaussianMixture.Component] {
        let d = columns
        let width = Self.width(d)
        // scikit-learn adds this to every weight so that an empty component divides by no zero.
        let least = 10 * Double.ulpOfOne
        let totals = (0..<count).map { values[$0 * width] + least }
        let all = totals.reduce(0, +)
        return (0..<count).map { k in
            let own = values[k * width..<(k + 1) * width]
            let start = own.startIndex
            let centre = (0..<d).map { own[start + 1 + $0] / totals[k] }
            var covariance = [Double](repeating: 0, count: d * d)
            var place = start + 1 + d
            for i in 0..<d {
                for j in 0...i {
                    let value = own[place + j] / totals[k] - centre[i] * centre[j]
                    covariance[i * d + j] = value
                    covariance[j * d + i] = value
                }
                covariance[i * d + i] = max(0, covariance[i * d + i]) + regularisation
                place += i + 1
            }
            return GaussianMixture.Component(
                weight: totals[k] / all, mean: zip(centre, mean).map { $0 + $1 }, covariance: covariance)
        }
    }
}
