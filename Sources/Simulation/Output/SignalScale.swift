/// The factor between the atoms' weights and the values of images and maps.
public struct SignalScale: Sendable, Equatable, Codable {
    public var gain: Double
    /// Images that it was found from.
    public var sampled: Int

    public init(gain: Double, sampled: Int) {
        self.gain = gain
        self.sampled = sampled
    }

    /// Variance of the pixels of one image about their mean.
    static func variance(_ values: [Float]) -> Double {
        var sum = 0.0
        var squares = 0.0
        for value in values {
            sum += Double(value)
            squares += Double(value) * Double(value)
        }
        let count = Double(max(values.count, 1))
        return max(squares / count - (sum / count) * (sum / count), 0)
    }
}
