import CryoIO

/// How a run is compared with its homogeneous twin.
public struct NullSettings: Sendable, Equatable, Codable {
    /// Images compared, at most; those kept out of training come first and, where there are any, alone.
    public var images = 2000
    /// Twins with different noise.
    public var replicas = 20
    /// Clusters that the report goes through.
    public var clusters = 8
    public var seed: UInt64 = 0

    public init() {}

    /// A component counts as real when the logarithm of its spread lies this many standard deviations of the
    /// twins above their mean ...
    public static let leastScore = 4.0
    /// ... and its spread is this many times the twins'.
    public static let leastRatio = 1.15

    /// A run whose encoder has learned from fewer images than this can say that codes spread, and not that
    /// they do not: what a longer training finds may not show yet (`docs/analysis.md`).
    public static let leastTraining = 9000

    func validate() throws(DataError) {
        guard images >= 20 else {
            throw DataError(
                file: nil, "the spread of so few images says nothing", found: "\(images)",
                wanted: "20 or more",
                remedy: "Change --images.")
        }
        guard (5...1000).contains(replicas) else {
            throw DataError(
                file: nil, "the number of twins cannot be used", found: "\(replicas)", wanted: "5 to 1000",
                remedy: "Change --replicas.")
        }
    }
}
