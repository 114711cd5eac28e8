/// Where the values of a text lie: one bit for each byte that starts a value, and one for each that ends one.
///
/// A sheet of 10 million particles has 300 million values. Marks take a quarter of the text however short the
/// values are, where a place for each value would take several times the text.
struct STARMarks: Sendable {
    private(set) var starts: [UInt64]
    private(set) var ends: [UInt64]
    /// Words before the first one held.
    private let offset: Int

    /// Marks for some bytes of a text, none set.
    init(bytes: Range<Int>) {
        offset = bytes.lowerBound / 64
        let count = (bytes.upperBound + 63) / 64 - offset
        starts = [UInt64](repeating: 0, count: count)
        ends = starts
    }

    /// Marks a value, which has one byte or more.
    @inline(__always)
    mutating func add(_ value: Range<Int>) {
        let last = value.upperBound - 1
        starts[value.lowerBound / 64 - offset] |= 1 << UInt64(value.lowerBound % 64)
        ends[last / 64 - offset] |= 1 << UInt64(last % 64)
    }

    /// Adds the marks of a part of the text.
    mutating func join(_ part: STARMarks) {
        let shift = part.offset - offset
        for word in part.starts.indices {
            starts[word + shift] |= part.starts[word]
            ends[word + shift] |= part.ends[word]
        }
    }
}

extension UInt64 {
    /// Place of the set bit that `skipped` set bits come before.
    @inline(__always)
    func place(after skipped: Int) -> Int {
        var rest = self
        for _ in 0..<skipped { rest &= rest &- 1 }
        return rest.trailingZeroBitCount
    }
}
