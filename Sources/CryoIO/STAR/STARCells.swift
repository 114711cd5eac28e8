/// The values of a table, row by row, as marked in the text of the file. Its columns share one.
final class STARCells: Sendable {
    let text: [UInt8]
    /// Values in a row.
    let width: Int
    let rowCount: Int
    private let marks: STARMarks
    /// Where every `spacing`-th value starts, so that any value is a few words of marks away.
    private let anchors: [Int]
    private let spacing: Int

    /// - Parameters:
    ///   - marks: of the whole text.
    ///   - bytes: of the table: no value that is marked there belongs to another.
    ///   - count: values marked there.
    init(text: [UInt8], marks: STARMarks, bytes: Range<Int>, count: Int, width: Int) {
        self.text = text
        self.marks = marks
        self.width = width
        rowCount = width > 0 ? count / width : 0
        // An anchor takes 8 bytes for 64 of the text.
        let spacing = max(1, 64 * count / max(1, bytes.count))
        self.spacing = spacing
        var anchors: [Int] = []
        anchors.reserveCapacity(count / spacing + 1)
        marks.starts.withUnsafeBufferPointer { starts in
            var passed = 0, word = bytes.lowerBound / 64
            var bits = word < starts.count ? starts[word] & ~0 << UInt64(bytes.lowerBound % 64) : 0
            while passed < count {
                let here = bits.nonzeroBitCount
                while anchors.count * spacing < min(count, passed + here) {
                    anchors.append(word * 64 + bits.place(after: anchors.count * spacing - passed))
                }
                passed += here
                word += 1
                if passed < count { bits = starts[word] }
            }
        }
        self.anchors = anchors
    }

    /// Bytes of a value.
    func range(_ row: Int, _ place: Int) -> Range<Int> { withReader { $0.range(row, place) } }

    /// Gives `body` quick access to many values.
    @inline(__always)
    func withReader<Result>(_ body: (Reader) -> Result) -> Result {
        text.withUnsafeBufferPointer { text in
            marks.starts.withUnsafeBufferPointer { starts in
                marks.ends.withUnsafeBufferPointer { ends in
                    anchors.withUnsafeBufferPointer { anchors in
                        body(
                            Reader(
                                text: text, starts: starts, ends: ends, anchors: anchors, spacing: spacing,
                                width: width))
                    }
                }
            }
        }
    }

    /// Access to the values while their table is held.
    struct Reader {
        let text: UnsafeBufferPointer<UInt8>
        let starts: UnsafeBufferPointer<UInt64>
        let ends: UnsafeBufferPointer<UInt64>
        let anchors: UnsafeBufferPointer<Int>
        let spacing: Int
        let width: Int

        @inline(__always)
        func range(_ row: Int, _ place: Int) -> Range<Int> {
            let value = row * width + place
            let anchor = anchors[value / spacing]
            var skipped = value % spacing, word = anchor / 64
            var bits = starts[word] & ~0 << UInt64(anchor % 64)
            while case let here = bits.nonzeroBitCount, here <= skipped {
                skipped -= here
                word += 1
                bits = starts[word]
            }
            let start = word * 64 + bits.place(after: skipped)
            word = start / 64
            bits = ends[word] & ~0 << UInt64(start % 64)
            while bits == 0 {
                word += 1
                bits = ends[word]
            }
            return start..<word * 64 + bits.trailingZeroBitCount + 1
        }

        /// The bytes of a value without the quotes around it.
        @inline(__always)
        func unquoted(_ row: Int, _ place: Int) -> UnsafeBufferPointer<UInt8> {
            let range = range(row, place), first = text[range.lowerBound]
            guard STARText.isQuote(first), range.count > 1, text[range.upperBound - 1] == first else {
                return UnsafeBufferPointer(rebasing: text[range])
            }
            return UnsafeBufferPointer(rebasing: text[range.lowerBound + 1..<range.upperBound - 1])
        }
    }
}
