/// Finds the values of a table's rows, on all cores for long tables.
///
/// A row is a line with one value for each label. Blank lines and comments between rows are passed over; the
/// first other line ends the table, and so do comments that no row follows, as they belong to the next block.
struct STARRowScanner {
    let width: Int
    private let text: Text

    /// The file's bytes, which nobody changes while they are scanned.
    private struct Text: @unchecked Sendable { let bytes: UnsafeBufferPointer<UInt8> }

    init(_ bytes: UnsafeBufferPointer<UInt8>, width: Int) {
        text = Text(bytes: bytes)
        self.width = width
    }

    /// Rows of one part of the text.
    private struct Part: Sendable {
        var marks: STARMarks
        var count = 0
        /// Byte after the line of the last row.
        var end: Int
        /// Whether a line was met that is no row.
        var isStopped = false
    }

    /// Marks the values of the rows from byte `start`, which starts a line.
    /// - Returns: the byte after the last row's line, and the number of values.
    func scan(from start: Int, into marks: inout STARMarks) -> (end: Int, count: Int) {
        let bytes = text.bytes
        var end = start, place = start, count = 0
        // A line that is no row makes what lies behind it useless, so no step reads much more than those
        // before it.
        var step = 1 << 16
        while place < bytes.count {
            let group = edges(from: place, length: step)
            place = group[group.count - 1]
            for part in scanned(group) {
                marks.join(part.marks)
                count += part.count
                if part.count > 0 { end = part.end }
                if part.isStopped { return (end, count) }
            }
            step = min(2 * step, 1 << 24)
        }
        return (end, count)
    }

    /// Starts of lines that cut about `length` bytes into parts, and the end of the last part.
    private func edges(from start: Int, length: Int) -> [Int] {
        let bytes = text.bytes
        let whole = min(length, bytes.count - start)
        return [start]
            + Chunks.ranges(whole, size: 1 << 20).map { range in
                min(bytes.count, Self.lineEnd(bytes, start + range.upperBound - 1, bytes.count) + 1)
            }
    }

    private func scanned(_ edges: [Int]) -> [Part] {
        [Part](unsafeUninitializedCapacity: edges.count - 1) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            let parts = SharedBuffer(base: base)
            Chunks.forEach(edges.count - 1) { k in
                (parts.base + k).initialize(to: part(edges[k], edges[k + 1]))
            }
            count = edges.count - 1
        }
    }

    private func part(_ start: Int, _ end: Int) -> Part {
        let bytes = text.bytes
        var part = Part(marks: STARMarks(bytes: start..<end), end: start), place = start
        var values: [Range<Int>] = []
        while place < end {
            let lineEnd = Self.lineEnd(bytes, place, end)
            guard lineEnd - place <= STARText.longest else {
                part.isStopped = true
                return part
            }
            values.removeAll(keepingCapacity: true)
            let (count, _) = STARText.scanValues(bytes, place, lineEnd, into: &values, most: width)
            if count == width, width > 1 || !isKeyword(values[0]) {
                for value in values { part.marks.add(value) }
                part.count += width
                part.end = min(lineEnd + 1, bytes.count)
            } else if count > 0 {
                part.isStopped = true
                return part
            }
            place = lineEnd + 1
        }
        return part
    }

    /// In a table of one column a line may be the start of what follows.
    private func isKeyword(_ range: Range<Int>) -> Bool {
        STARText.starts(text.bytes, range, "data_")
            || (range.count == 5 && STARText.starts(text.bytes, range, "loop_"))
    }

    @inline(__always)
    static func lineEnd(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        var place = start
        while place < end, bytes[place] != 0x0a { place += 1 }
        return place
    }
}
