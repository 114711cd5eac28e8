/// Minimum, maximum, mean and standard deviation of values that come in pieces.
///
/// Pieces are merged after Chan, Golub and LeVeque (1979): sums of raw squares would lose all digits for
/// images whose mean is large against their contrast.
struct ValueStatistics: Equatable {
    private(set) var count = 0
    private(set) var minimum = Float.infinity
    private(set) var maximum = -Float.infinity
    private(set) var mean = 0.0
    private var squares = 0.0

    /// Standard deviation from the mean, which MRC2014 calls RMS.
    var rms: Double { count > 0 ? (squares / Double(count)).squareRoot() : 0 }

    mutating func add(_ values: UnsafeBufferPointer<Float>) {
        guard !values.isEmpty else { return }
        var sum = 0.0
        for value in values {
            sum += Double(value)
            minimum = value < minimum ? value : minimum
            maximum = value > maximum ? value : maximum
        }
        let pieceMean = sum / Double(values.count)
        var pieceSquares = 0.0
        for value in values {
            let difference = Double(value) - pieceMean
            pieceSquares += difference * difference
        }
        let total = count + values.count
        let shift = pieceMean - mean
        squares += pieceSquares + shift * shift * Double(count) * Double(values.count) / Double(total)
        mean += shift * Double(values.count) / Double(total)
        count = total
    }
}

extension MRCHeader {
    /// Enters statistics. Values that are not finite leave the marks for "not known".
    mutating func set(_ statistics: ValueStatistics) {
        guard statistics.count > 0, statistics.mean.isFinite, statistics.rms.isFinite else { return }
        minimum = statistics.minimum
        maximum = statistics.maximum
        mean = Float(statistics.mean)
        rms = Float(statistics.rms)
    }
}
