/// What a configuration reached on a set.
public struct QualityScore: Codable, Equatable, Sendable {
    /// A number, or why there is none.
    public struct Measure: Codable, Equatable, Sendable {
        public let value: Double?
        public let reason: String?

        public init(_ value: Double) { (self.value, reason) = (value, nil) }
        public init(absent reason: String) { (value, self.reason) = (nil, reason) }
        init(_ value: Double?, orAbsent reason: String) {
            self = value.map { Measure($0) } ?? Measure(absent: reason)
        }
    }

    /// Clusters against true states (`Contingency`).
    public var entropy, adjustedRandIndex, normalisedMutualInformation, accuracy: Measure
    /// Share of the nearest neighbours in the codes that are near in truth, and by chance (`TruthNearness`).
    public var neighbourhood, neighbourhoodByChance: Measure
    /// Spearman's correlation of the true place with that read from neighbours (`CoordinateRecovery`).
    public var coordinate: Measure
    /// Precision at a recall of 90 % of broken particles by whole clusters (`SelectionMeasures`).
    public var brokenPrecision: Measure
    /// Mean over images of the area of the image's own map (`CorrelationArea`), and of the two anchors.
    public var area, consensusArea, trueArea: Measure
    /// Share of the gap between the anchors that `area` closes.
    public var closed: Measure
    /// The same for the image's map from the images near it in the codes (`LocalReconstruction`).
    public var localArea, localClosed: Measure
    /// The same for the reconstruction of the image's cluster.
    public var reconstructionArea, reconstructionClosed: Measure
    /// Of each looked-at image's own map, in the order of `rows`; empty without maps.
    public var areas: [Double]
    public var rows: [Int]

    /// All measures with their names, in the order of the table.
    public static let columns: [(name: String, path: KeyPath<QualityScore, Measure> & Sendable)] = [
        ("entropy", \.entropy), ("ARI", \.adjustedRandIndex), ("NMI", \.normalisedMutualInformation),
        ("accuracy", \.accuracy), ("neighbours kept", \.neighbourhood),
        ("by chance", \.neighbourhoodByChance),
        ("coordinate", \.coordinate), ("broken precision", \.brokenPrecision), ("AUC", \.area),
        ("AUC consensus", \.consensusArea), ("AUC true labels", \.trueArea), ("gap closed", \.closed),
        ("AUC local", \.localArea), ("gap closed locally", \.localClosed),
        ("AUC clusters", \.reconstructionArea), ("gap closed by clusters", \.reconstructionClosed),
    ]
}
