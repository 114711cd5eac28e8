import CryoIO
import Report

/// The truth of simulated particles, and how well a run recovers it, as its report shows them.
public struct KnownTruth: Sendable {
    public let score: RunScore
    /// True state of every particle.
    public let states: [Int]
    /// Place of every particle's state on a motion; nil where the truth does not say.
    public let coordinates: [Double]?

    public init(_ truth: GroundTruth, score: RunScore) throws(DataError) {
        self.score = score
        states = truth.states
        let found = try NPZ.read(truth.file)["coordinate"]?.doubles()
        coordinates = found.flatMap { $0.count == truth.states.count && Set($0).count > 1 ? $0 : nil }
    }

    static func name(_ state: Int) -> String { "State \(state)" }

    /// Index of each particle's state in `names`.
    var categories: [Int] {
        let places = Dictionary(uniqueKeysWithValues: zip(score.states, score.states.indices))
        return states.map { places[$0] ?? -1 }
    }

    var names: [String] { score.states.map(Self.name) }

    var confusion: ConfusionTable {
        ConfusionTable(clusters: score.clusters.map { "Cluster \($0)" }, truths: names, counts: score.counts)
    }

    /// The state that most particles of a cluster have, with their share.
    func majority(of cluster: Int) -> (state: Int, share: Double)? {
        guard let row = score.clusters.firstIndex(of: cluster), let most = score.counts[row].max(),
            let column = score.counts[row].firstIndex(of: most)
        else { return nil }
        return (score.states[column], Double(most) / Double(score.counts[row].reduce(0, +)))
    }

    /// The measures, each beside what chance or a map without heterogeneity reaches.
    public var measures: [ReportContent.Score] {
        let found = score.partition
        let chance = score.chance
        let measures = [
            ReportContent.Score(
                name: "Accuracy", value: found.accuracy, reference: chance.accuracy,
                meaning: "share of particles whose cluster is matched to their state; 1 is perfect"),
            ReportContent.Score(
                name: "Adjusted Rand index", value: found.adjustedRandIndex,
                reference: chance.adjustedRandIndex,
                meaning: "agreement of clusters and states beyond chance; 1 is perfect"),
            ReportContent.Score(
                name: "Mutual information", value: found.normalisedMutualInformation,
                reference: chance.normalisedMutualInformation,
                meaning: "normalised, of clusters and states; 1 is perfect"),
            ReportContent.Score(
                name: "Cluster entropy", value: found.entropy, reference: chance.entropy,
                meaning: "mean over clusters, log10, of the states in each; 0 is perfect"),
            ReportContent.Score(
                name: "Neighbours of one state", value: score.neighbourhood,
                reference: score.neighbourhoodByChance,
                meaning: "share of the \(score.neighbours) nearest particles in the latent space that have a "
                    + "particle's state; 1 is perfect"),
        ]
        return (measures + mapMeasures).map { measure in
            var measure = measure
            measure.value = Self.rounded(measure.value)
            measure.reference = measure.reference.map(Self.rounded)
            return measure
        }
    }

    /// More than four decimals say nothing of a score.
    private static func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }

    private var mapMeasures: [ReportContent.Score] {
        guard let maps = score.maps, !maps.isEmpty else { return [] }
        func mean(_ part: (MapScore) -> MapScore.Agreement?) -> Double? {
            let areas = maps.compactMap { part($0)?.area }
            return areas.isEmpty ? nil : areas.reduce(0, +) / Double(areas.count)
        }
        let base = mean(\.mean)
        let text = "area under the shell correlation with the true map, mean over clusters; "
        return [
            mean(\.reconstruction).map {
                ReportContent.Score(
                    name: "Reconstructions", value: $0, reference: base,
                    meaning: text + "beside it the noise-free mean of all states")
            },
            mean(\.decoded).map {
                ReportContent.Score(
                    name: "Decoded maps", value: $0, reference: mean(\.consensus) ?? base,
                    meaning: text + "beside it the consensus")
            },
        ].compactMap { $0 }
    }
}
