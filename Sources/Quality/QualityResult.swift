/// One row of the table: what happened to one training.
public struct QualityResult: Codable, Equatable, Sendable {
    public enum Status: String, Codable, Sendable {
        case done
        /// An input of the set is not on this machine.
        case absent
        case failed
        /// The benchmark ended before it.
        case waiting
    }

    public var set: String
    public var configuration: String
    public var seed: UInt64
    public var status: Status
    /// Why it is not done.
    public var reason: String?
    public var score: QualityScore?
    /// Of the training alone.
    public var cost: ChildProcess.Cost?

    public init(
        set: String, configuration: String, seed: UInt64, status: Status, reason: String? = nil,
        score: QualityScore? = nil, cost: ChildProcess.Cost? = nil
    ) {
        (self.set, self.configuration, self.seed, self.status) = (set, configuration, seed, status)
        (self.reason, self.score, self.cost) = (reason, score, cost)
    }
}

/// What is kept of a training in its folder.
struct CellRecord: Codable, Equatable {
    /// Version of the program.
    var version: String
    /// What it was asked for; another wish is another cell.
    var wish: [String]
    var cost: ChildProcess.Cost
    /// nil until it is scored.
    var score: QualityScore?
}

/// What is kept of a set that was made.
struct SetRecord: Codable, Equatable {
    var version: String
    var options: [QualitySet.Option]
}
