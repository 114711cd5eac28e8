/// How UMAP runs; names in brackets are those of umap-learn, whose defaults these are.
public struct UMAPSettings: Codable, Sendable, Equatable {
    /// What the layout starts from.
    public enum Start: String, Codable, Sendable, CaseIterable {
        /// Eigenvectors of the graph's Laplacian.
        case spectral
        /// The first principal components.
        case pca
    }

    /// Size of a row's neighbourhood, the row itself included (n_neighbors).
    public var neighbours = 15
    /// Distance in the layout below which points count as touching (min_dist).
    public var minimumDistance = 0.1
    /// Scale of the layout (spread).
    public var spread = 1.0
    /// Columns of the layout (n_components).
    public var dimensions = 2
    /// Passes over the graph (n_epochs); nil is 500 up to 10,000 rows and 200 above.
    public var epochs: Int?
    public var learningRate = 1.0
    /// Random rows pushed away for every neighbour pulled (negative_sample_rate).
    public var negativeSampleRate = 5
    /// Weight of the pushes (repulsion_strength).
    public var repulsion = 1.0
    public var start = Start.spectral
    public var seed: UInt64 = 0

    public init() {}

    func epochs(rows: Int) -> Int { epochs ?? Self.usualEpochs(rows: rows) }

    /// The passes that decide which edges are too weak to matter; a very short run keeps those of a usual
    /// one.
    func pruningEpochs(rows: Int) -> Int {
        let asked = epochs(rows: rows)
        return asked > 10 ? asked : Self.usualEpochs(rows: rows)
    }

    private static func usualEpochs(rows: Int) -> Int { rows <= 10_000 ? 500 : 200 }

    func check(rows: Int) throws(LatentError) {
        try Self.require(neighbours >= 2, "neighbours", "\(neighbours)", "at least 2")
        try Self.require(spread > 0 && spread.isFinite, "spread", "\(spread)", "above 0")
        try Self.require(
            minimumDistance >= 0 && minimumDistance <= spread, "minimumDistance", "\(minimumDistance)",
            "from 0 to the spread, \(spread)")
        try Self.require(dimensions >= 1, "dimensions", "\(dimensions)", "at least 1")
        try Self.require((epochs ?? 1) >= 1, "epochs", "\(epochs ?? 1)", "at least 1")
        try Self.require(
            learningRate > 0 && learningRate.isFinite, "learningRate", "\(learningRate)", "above 0")
        try Self.require(negativeSampleRate >= 0, "negativeSampleRate", "\(negativeSampleRate)", "at least 0")
        try Self.require(repulsion >= 0 && repulsion.isFinite, "repulsion", "\(repulsion)", "at least 0")
        guard rows > neighbours else {
            throw .tooFew(
                rows, wanted: neighbours + 1, for: "UMAP with \(neighbours) neighbours",
                remedy: "Ask for fewer neighbours")
        }
    }

    private static func require(
        _ holds: Bool, _ name: String, _ found: String, _ wanted: String
    ) throws(LatentError) {
        guard holds else { throw .setting(name, found: found, wanted: wanted) }
    }
}

/// Uniform manifold approximation and projection (McInnes, Healy and Melville 2018), after umap-learn.
///
/// Neighbours are exact. The layout moves every row from the positions of the pass before, so equal data and
/// seed give equal layouts, whatever the number of threads.
public enum UMAP {
    /// The layout of the rows, `[rows, dimensions]`.
    /// - Parameters:
    ///   - data: `[rows, columns]`, Euclidean
    ///   - known: neighbours of the rows, at least as many as the settings ask for; nil searches them.
    ///   - threads: nil uses every core
    ///   - progress: called after every pass with the number done and the number of all
    /// - Throws: `LatentError` on an empty table, a value that is not finite, too few rows or a setting out
    ///   of range.
    public static func embed(
        _ data: Matrix, _ settings: UMAPSettings = UMAPSettings(), neighbours known: Neighbours? = nil,
        threads: Int? = nil,
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(LatentError) -> Matrix {
        try data.requireFinite(for: "UMAP")
        try settings.check(rows: data.rows)
        let threads = Parallel.resolved(threads)
        let epochs = settings.epochs(rows: data.rows)
        let neighbours = try neighbours(of: data, settings.neighbours - 1, known: known, threads: threads)
        let graph = FuzzyGraph(neighbours, threads: threads)
            .pruned(epochs: settings.pruningEpochs(rows: data.rows))
        var random = RandomSource(seed: settings.seed)
        let start = try InitialLayout(dimensions: settings.dimensions, threads: threads)
            .coordinates(graph, data, start: settings.start, using: &random)
        let curve = LayoutCurve(minimumDistance: settings.minimumDistance, spread: settings.spread)
        let layout = LayoutOptimiser(
            graph, start: start, settings: settings, curve: curve, epochs: epochs, threads: threads)
        for epoch in 0..<epochs {
            layout.pass(epoch)
            progress(epoch + 1, epochs)
        }
        return Matrix(unchecked: data.rows, settings.dimensions, layout.positions.array)
    }

    private static func neighbours(
        of data: Matrix, _ count: Int, known: Neighbours?, threads: Int
    ) throws(LatentError) -> Neighbours {
        guard let known else { return try NeighbourIndex(data).neighbours(count, threads: threads) }
        guard known.queries == data.rows, known.count >= count else {
            throw LatentError(
                .sizeMismatch,
                "\(known.count) neighbours of \(known.queries) rows; wanted \(count) of \(data.rows)",
                remedy: "Search the neighbours of the same rows")
        }
        return known.nearest(count)
    }
}
