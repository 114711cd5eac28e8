/// How k-means runs; the defaults are those of scikit-learn, with the iteration limit of OPUS-DSD's analysis.
public struct KMeansSettings: Codable, Sendable, Equatable {
    /// Number of clusters.
    public var clusters: Int
    /// Runs from different seeds; the one with the least inertia is kept.
    public var restarts = 10
    public var maximumIterations = 100
    /// A run ends when the squared movement of all centres together falls below this share of the mean
    /// variance of a column.
    public var tolerance = 1e-4
    public var seed: UInt64 = 0

    public init(clusters: Int) {
        self.clusters = clusters
    }
}

/// Particles in clusters, numbered so that neighbouring numbers are neighbouring centres.
public struct Clustering: Sendable, Equatable {
    /// Cluster of every row, `0..<clusters`.
    public let labels: [Int]
    /// Means of the clusters, `[clusters, columns]`.
    public let centres: Matrix
    /// The row nearest to every centre: a particle that stands for its cluster.
    public let nearestRows: [Int]
    /// Sum over all rows of the squared distance to their centre.
    public let inertia: Double
    /// Iterations of the kept run.
    public let iterations: Int

    /// Rows in every cluster.
    public var counts: [Int] {
        labels.reduce(into: [Int](repeating: 0, count: centres.rows)) { $0[$1] += 1 }
    }

    /// The data points nearest to the centres, `[clusters, columns]`; `data` is what was clustered.
    public func snappedCentres(in data: Matrix) -> Matrix {
        data.selecting(rows: nearestRows)
    }
}

/// k-means: seeds by greedy k-means++ (Arthur and Vassilvitskii 2007), Lloyd's iteration, several restarts.
///
/// Equal data and seed give equal results, whatever the number of threads.
public enum KMeans {
    /// Clusters the rows. Clusters are numbered by the leaf order of average linkage over the snapped
    /// centres.
    /// - Parameters:
    ///   - data: `[rows, columns]`
    ///   - threads: nil uses every core
    /// - Throws: `LatentError` on an empty table, a value that is not finite, or fewer distinct rows than
    ///   clusters.
    public static func fit(
        _ data: Matrix, _ settings: KMeansSettings, threads: Int? = nil
    ) throws(LatentError) -> Clustering {
        try check(data, settings)
        let problem = Problem(data, settings, threads: Parallel.resolved(threads))
        var best: LloydRun?
        for restart in 0..<settings.restarts {
            var random = RandomSource(seed: settings.seed, UInt64(restart), 0)
            var seeding = Seeding(problem.rows, clusters: settings.clusters)
            guard let seeds = seeding.seeds(using: &random) else {
                throw .tooFew(
                    seeding.found, wanted: settings.clusters, for: "k-means on distinct points",
                    remedy: "Ask for fewer clusters")
            }
            let run = problem.run(from: problem.rows.values(of: seeds))
            if let kept = best, kept.inertia <= run.inertia { continue }
            best = run
        }
        guard let best else { throw .setting("restarts", found: "0", wanted: "at least 1") }
        return try ordered(best, problem.rows, data, mean: problem.mean)
    }

    /// The same from given centres, `[clusters, columns]`, once.
    static func fit(
        _ data: Matrix, from centres: Matrix, _ settings: KMeansSettings, threads: Int? = nil
    ) throws(LatentError) -> Clustering {
        try check(data, settings)
        let problem = Problem(data, settings, threads: Parallel.resolved(threads))
        let d = data.columns
        let centred = centres.values.enumerated().map { Double($1) - problem.mean[$0 % d] }
        return try ordered(problem.run(from: centred), problem.rows, data, mean: problem.mean)
    }

    /// What every run on the same rows shares.
    private struct Problem {
        let rows: CentredRows
        let mean: [Double]
        private let maximumIterations: Int
        private let tolerance: Double

        init(_ data: Matrix, _ settings: KMeansSettings, threads: Int) {
            let moments = Moments(data, threads: threads)
            let d = data.columns
            let variance =
                (0..<d).reduce(0.0) { $0 + moments.covariance[$1 * d + $1] }
                * Double(data.rows - 1) / Double(data.rows * d)
            rows = CentredRows(data, mean: moments.mean, threads: threads)
            mean = moments.mean
            maximumIterations = settings.maximumIterations
            tolerance = settings.tolerance * variance
        }

        func run(from centres: [Double]) -> LloydRun {
            LloydRun(rows, centres: centres, maximumIterations: maximumIterations, tolerance: tolerance)
        }
    }

    private static func check(_ data: Matrix, _ settings: KMeansSettings) throws(LatentError) {
        try data.requireFinite(for: "k-means")
        guard settings.clusters >= 1 else {
            throw .setting("clusters", found: "\(settings.clusters)", wanted: "at least 1")
        }
        guard settings.restarts >= 1 else {
            throw .setting("restarts", found: "\(settings.restarts)", wanted: "at least 1")
        }
        guard settings.maximumIterations >= 1 else {
            throw .setting("maximumIterations", found: "\(settings.maximumIterations)", wanted: "at least 1")
        }
        guard settings.tolerance >= 0 else {
            throw .setting("tolerance", found: "\(settings.tolerance)", wanted: "at least 0")
        }
        guard settings.clusters <= data.rows else {
            throw .tooFew(
                data.rows, wanted: settings.clusters, for: "k-means with \(settings.clusters) clusters",
                remedy: "Ask for fewer clusters")
        }
    }

    /// Adds the mean back to the centres and numbers the clusters by leaf order.
    private static func ordered(
        _ run: LloydRun, _ rows: CentredRows, _ data: Matrix, mean: [Double]
    ) throws(LatentError) -> Clustering {
        let nearest = run.nearestRows(rows)
        let order = try Dendrogram(data.selecting(rows: nearest)).leaves
        var rank = [Int](repeating: 0, count: order.count)
        for (new, old) in order.enumerated() { rank[old] = new }
        var centres = Matrix(zeros: order.count, data.columns)
        for (new, old) in order.enumerated() {
            for c in 0..<data.columns {
                centres[new, c] = Float(run.centres[old * data.columns + c] + mean[c])
            }
        }
        return Clustering(
            labels: run.labels.map { rank[Int($0)] }, centres: centres,
            nearestRows: order.map { nearest[$0] },
            inertia: run.inertia, iterations: run.iterations)
    }
}
