/// How the clusters of a run share out the particles of the true states.
public struct ConfusionTable: Sendable {
    public var clusters: [String]
    public var truths: [String]
    /// Particles, `[cluster][truth]`.
    public var counts: [[Int]]

    public init(clusters: [String], truths: [String], counts: [[Int]]) {
        self.clusters = clusters
        self.truths = truths
        self.counts = counts
    }
}
