import Foundation

/// How the parameters of a Gaussian mixture are found; names and defaults are those of scikit-learn.
public struct MixtureSettings: Codable, Sendable, Equatable {
    public var components: Int
    public var maximumIterations = 100
    /// Iterations end when the mean log-likelihood of a row rises by less than this.
    public var tolerance = 1e-3
    /// Added to the diagonals of the covariances.
    public var regularisation = 1e-6
    /// Seed of the k-means that the components start from.
    public var seed: UInt64 = 0

    public init(components: Int) {
        self.components = components
    }
}

/// A mixture of normal distributions with full covariances.
public struct GaussianMixture: Sendable, Equatable {
    /// One component.
    public struct Component: Sendable, Equatable {
        /// Share of the rows, 0...1; all components' add up to 1.
        public let weight: Double
        /// `[columns]`
        public let mean: [Double]
        /// `[columns, columns]` row-major
        public let covariance: [Double]
    }

    public let components: [Component]
    /// Mean over the rows of the natural logarithm of the density, at the parameters given here.
    public let meanLogLikelihood: Double
    public let rows: Int
    public let iterations: Int
    public let isConverged: Bool

    public var columns: Int { components.first?.mean.count ?? 0 }

    /// Free parameters: weights, means and covariances.
    public var parameters: Int {
        let (k, d) = (components.count, columns)
        return k - 1 + k * d + k * d * (d + 1) / 2
    }

    /// Bayesian information criterion (Schwarz 1978); of several mixtures of the same rows the one with the
    /// lowest explains them best for its number of parameters.
    public var bic: Double {
        -2 * meanLogLikelihood * Double(rows) + Double(parameters) * log(Double(rows))
    }

    /// Fits a mixture by expectation maximisation (Dempster, Laird and Rubin 1977).
    /// - Parameters:
    ///   - data: `[rows, columns]`
    ///   - labels: of the rows, `0..<components`, from which the first parameters are made; nil takes
    ///     k-means.
    ///   - threads: nil uses every core; equal data give equal mixtures whatever their number.
    /// - Throws: `LatentError` on an empty table, a value that is not finite, too few rows or a setting out
    ///   of range.
    public static func fit(
        _ data: Matrix, _ settings: MixtureSettings, labels: [Int]? = nil, threads: Int? = nil
    ) throws(LatentError) -> GaussianMixture {
        try check(data, settings, labels)
        let threads = Parallel.resolved(threads)
        let pass = MixturePass(data, threads: threads)
        let start: [Int]
        if let labels { start = labels } else { start = try startLabels(data, settings, threads: threads) }
        var current = pass.sums(labels: start, components: settings.components)
            .components(regularisation: settings.regularisation, mean: pass.mean)
        var (likelihood, iterations, isConverged) = (-Double.infinity, 0, false)
        while iterations < settings.maximumIterations, !isConverged {
            let sums = pass.sums(try MixtureDensity(current, mean: pass.mean))
            current = sums.components(regularisation: settings.regularisation, mean: pass.mean)
            iterations += 1
            isConverged = (sums.meanLogLikelihood - likelihood).magnitude < settings.tolerance
            likelihood = sums.meanLogLikelihood
        }
        let last = pass.sums(try MixtureDensity(current, mean: pass.mean))
        return GaussianMixture(
            components: current, meanLogLikelihood: last.meanLogLikelihood, rows: data.rows,
            iterations: iterations, isConverged: isConverged)
    }

    /// Component of highest posterior probability of every row, and that probability.
    public func assignments(
        of data: Matrix, threads: Int? = nil
    ) throws(LatentError) -> (labels: [Int], probabilities: [Float]) {
        guard data.columns == columns else {
            throw LatentError(
                .sizeMismatch, "a mixture got \(data.columns) columns; wanted \(columns)",
                remedy: "Use latents of the run that the mixture comes from")
        }
        let zero = [Double](repeating: 0, count: columns)
        let density = try MixtureDensity(components, mean: zero)
        let labels = Storage<Int>(repeating: 0, count: data.rows)
        let probabilities = Storage<Float>(repeating: 0, count: data.rows)
        let values = Storage(data.values)
        let width = data.columns
        Parallel.chunks(data.rows, size: MixturePass.chunk, threads: Parallel.resolved(threads)) { _, range in
            var posterior = [Double](repeating: 0, count: density.count)
            for row in range {
                _ = density.posterior(values.base + row * width, &posterior)
                let best = posterior.indices.max { posterior[$0] < posterior[$1] } ?? 0
                labels.base[row] = best
                probabilities.base[row] = Float(posterior[best])
            }
        }
        return (labels.array, probabilities.array)
    }

    private static func check(
        _ data: Matrix, _ settings: MixtureSettings, _ labels: [Int]?
    ) throws(LatentError) {
        try data.requireFinite(for: "a Gaussian mixture")
        guard settings.components >= 1 else {
            throw .setting("components", found: "\(settings.components)", wanted: "at least 1")
        }
        guard settings.maximumIterations >= 1 else {
            throw .setting("maximumIterations", found: "\(settings.maximumIterations)", wanted: "at least 1")
        }
        guard settings.regularisation >= 0, settings.tolerance >= 0 else {
            throw .setting("regularisation", found: "\(settings.regularisation)", wanted: "0 or more")
        }
        guard data.rows >= max(2, settings.components) else {
            throw .tooFew(
                data.rows, wanted: max(2, settings.components),
                for: "a mixture of \(settings.components) Gaussians", remedy: "Ask for fewer components")
        }
        guard let labels else { return }
        guard labels.count == data.rows, labels.allSatisfy((0..<settings.components).contains) else {
            throw LatentError(
                .sizeMismatch, "the starting labels are not one of 0..<\(settings.components) for each row",
                remedy: "Give labels of the same rows")
        }
    }

    private static func startLabels(
        _ data: Matrix, _ settings: MixtureSettings, threads: Int
    ) throws(LatentError) -> [Int] {
        var kmeans = KMeansSettings(clusters: settings.components)
        kmeans.restarts = 1
        kmeans.seed = settings.seed
        return try KMeans.fit(data, kmeans, threads: threads).labels
    }
}
