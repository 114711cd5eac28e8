import Foundation

/// One epoch of `metrics.csv`.
public struct EpochMetrics: Codable, Sendable, Equatable {
    public var epoch: Int
    public var stage: Int
    public var box: Int
    /// Training images seen since the start of the run.
    public var images: Int
    public var learningRate: Double
    public var beta: Double
    /// Means over the epoch, in the order of `ObjectiveTerms.names`.
    public var terms: [Double]
    /// Mean error of the validation images, less the part that the prediction cannot change.
    public var validation: Double?

    public static let header =
        (["epoch", "stage", "box", "images", "learningRate", "beta"] + ObjectiveTerms.names + ["validation"])
        .joined(separator: ",")

    public var csv: String {
        let numbers =
            ["\(epoch)", "\(stage)", "\(box)", "\(images)", "\(learningRate)", "\(beta)"]
            + terms.map { "\($0)" }
        return (numbers + [validation.map { "\($0)" } ?? ""]).joined(separator: ",")
    }
}

/// Where a run stands; with the tensors of a checkpoint it continues to the same numbers.
public struct RunState: Codable, Sendable, Equatable {
    public var stage = 0
    /// Epochs done in the stage.
    public var epochInStage = 0
    /// Batches done in the epoch under way.
    public var batch = 0
    /// Updates since the start of the run.
    public var step = 0
    public var epoch = 0
    public var imagesSeen = 0
    /// Sums of the terms over the epoch under way.
    public var sums = [Double](repeating: 0, count: ObjectiveTerms.names.count)
    public var metrics: [EpochMetrics] = []
    /// Lowest validation error of the stage under way, and its epoch.
    public var bestError: Double?
    public var bestEpoch: Int?
    public var finished = false
    /// What each refinement of poses has found; nil before the first.
    public var poseSpreads: [PoseSpread]?
    /// Epochs that were done at the last of them within a stage.
    public var poseEpoch: Int?

    /// How often poses have been refined.
    public var poseRound: Int { poseSpreads?.count ?? 0 }

    public init() {}
}
