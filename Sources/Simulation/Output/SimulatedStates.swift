import CryoIO

/// How the images of a simulation are shared out between its states and broken particles.
public struct SimulatedStates: Sendable, Equatable {
    /// States of whole particles.
    public var count: Int
    /// Relative numbers of images of those; nil for equal ones.
    public var shares: [Double]?
    /// Share of all images that show broken particles.
    public var broken: Double
    /// Different breaks.
    public static let breaks = 8

    public init(count: Int, shares: [Double]? = nil, broken: Double = 0) {
        (self.count, self.shares, self.broken) = (count, shares, broken)
    }

    public var brokenStates: Int { broken > 0 ? Self.breaks : 0 }
    public var total: Int { count + brokenStates }

    /// Shares of the states and then of the breaks; nil where all states are equal and none is broken.
    /// - Throws: `DataError` where there is not one share a state.
    public func allShares() throws(DataError) -> [Double]? {
        guard broken > 0 else { return shares }
        let whole = shares ?? Array(repeating: 1, count: max(count, 0))
        guard whole.count == count, whole.allSatisfy({ $0 >= 0 && $0.isFinite }), whole.reduce(0, +) > 0
        else {
            throw DataError(
                file: nil, "the simulation's number of state shares is out of range", found: "\(whole.count)",
                wanted: "\(count), one a state, of 0 or more with a positive sum")
        }
        let sum = whole.reduce(0, +)
        return whole.map { $0 / sum * (1 - broken) }
            + Array(repeating: broken / Double(Self.breaks), count: Self.breaks)
    }
}
