import Latent

/// How well clusters are the true states.
public struct PartitionScore: Sendable, Equatable, Codable {
    /// Mean over the clusters of -sum p log10 p, p the share of each state in the cluster, as the paper has
    /// it: 0 for pure clusters, log10 of the number of equally frequent states by chance.
    public let entropy: Double
    /// 1 for equal partitions, 0 by chance.
    public let adjustedRandIndex: Double
    /// 1 for equal partitions.
    public let normalisedMutualInformation: Double
    /// Share of the particles in the cluster that is matched to their state, one cluster a state.
    public let accuracy: Double

    public init(_ table: Contingency) {
        entropy = table.meanClusterEntropy
        adjustedRandIndex = table.adjustedRandIndex
        normalisedMutualInformation = table.normalisedMutualInformation
        accuracy = table.accuracy
    }

    /// The score of the same clusters when the states are dealt out at random.
    static func chance(clusters: [Int], states: [Int], seed: UInt64) throws(LatentError) -> PartitionScore {
        var random = RandomSource(seed: seed)
        return PartitionScore(try Contingency(clusters: clusters, classes: states.shuffled(using: &random)))
    }
}
