/// Reads STAR text line by line: one row a line, as RELION writes it.
///
/// Allowed beyond RELION: comments anywhere, quoted values, Windows line ends, blank lines inside tables,
/// labels with or without `#n`, any number of blocks.
struct STARParser {
    private let text: [UInt8]
    private let file: String

    private var blocks: [Block] = []
    private var phase = Phase.outside
    private var name = ""
    private var comments: [String] = []
    private var pendingComments: [String] = []
    private var labels: [String] = []
    private var knownLabels: Set<String> = []
    /// Values of all blocks, and how many the current one has, from which byte.
    private var marks: STARMarks
    private var count = 0
    private var firstByte = 0
    /// Byte at which the line being read starts.
    private var lineStart = 0

    private enum Phase {
        /// Before the first `data_`.
        case outside
        /// After `data_`, before anything of the block.
        case empty
        case pairs
        /// After `loop_`, before the first row.
        case labels
        case rows
    }

    /// A block whose values are marked but cannot be given out while marks are added.
    private struct Block {
        let name: String
        let comments: [String]
        let labels: [String]
        let isPairs: Bool
        let bytes: Range<Int>
        let count: Int
    }

    /// Blocks of a file, and labels or comments of a block, that are taken: no program writes as many, and a
    /// file of nothing else would take many times its size in memory.
    private static let limit = 1 << 16

    init(text: [UInt8], file: String) {
        self.text = text
        self.file = file
        marks = STARMarks(bytes: text.indices)
    }

    mutating func parse() throws(DataError) -> [STARBlock] {
        let text = self.text
        try text.withUnsafeBufferPointer { bytes throws(DataError) in
            var start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
            while start < bytes.count {
                let end = STARRowScanner.lineEnd(bytes, start, bytes.count)
                lineStart = start
                try readLine(bytes, start, end)
                start = end + 1
                if phase == .rows, start < bytes.count {
                    let rows = STARRowScanner(bytes, width: labels.count).scan(from: start, into: &marks)
                    start = rows.end
                    count += rows.count
                }
            }
        }
        lineStart = text.count
        try finishBlock()
        guard !blocks.isEmpty else {
            throw DataError(
                file: file, "this is not a STAR file",
                found: text.isEmpty ? "an empty file" : "no data_ block",
                wanted: "a line such as data_particles", remedy: "Give a .star file of RELION")
        }
        return blocks.map(finished)
    }

    private func finished(_ block: Block) -> STARBlock {
        let table = STARCells(
            text: text, marks: marks, bytes: block.bytes, count: block.count, width: block.labels.count)
        let columns = block.labels.enumerated().map { STARColumn(label: $1, table: table, place: $0) }
        return STARBlock(
            name: block.name, content: block.isPairs ? .pairs : .table, columns: columns,
            rowCount: block.isPairs ? 1 : table.rowCount, comments: block.comments, file: file)
    }

    private mutating func readLine(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
    ) throws(DataError) {
        guard end - start <= STARText.longest else {
            throw DataError(
                file: file, at: .line(lineNumber), "the line is too long", found: "\(end - start) bytes",
                wanted: "at most \(STARText.longest)", remedy: "Give a .star file of RELION")
        }
        var values: [Range<Int>] = []
        let most = max(4, labels.count)
        let (found, comment) = STARText.scanValues(bytes, start, end, into: &values, most: most)
        guard found > 0 else {
            guard let comment else { return }
            pendingComments.append(string(comment))
            return try checkCount(pendingComments.count, "lines of comments")
        }
        if found == 1, STARText.starts(bytes, values[0], "data_") {
            try finishBlock()
            name = String(string(values[0]).dropFirst(5))
            comments = pendingComments
            phase = .empty
        } else {
            try readContent(bytes, values, found: found)
        }
        pendingComments.removeAll()
    }

    /// A line that is neither blank nor the start of a block.
    /// - Parameter found: number of values; of many only the first are among `values`.
    private mutating func readContent(
        _ bytes: UnsafeBufferPointer<UInt8>, _ values: [Range<Int>], found: Int
    ) throws(DataError) {
        let isLabel = bytes[values[0].lowerBound] == UInt8(ascii: "_")
        let isLoop = found == 1 && STARText.starts(bytes, values[0], "loop_") && values[0].count == 5
        switch phase {
        case .outside:
            throw lineError(
                values, "there is text before the first block", wanted: "a line such as data_particles")
        case .empty where isLoop:
            phase = .labels
        case .pairs where isLoop, .labels where isLoop, .rows where isLoop:
            throw lineError(values, "data_\(name) has a second table", wanted: "one table a block")
        case .empty, .pairs:
            guard isLabel, found == 2 else {
                throw lineError(
                    values, "this line of data_\(name) is neither a table nor one value with its label",
                    wanted: "loop_ before a table's labels, or '_label value'")
            }
            phase = .pairs
            try addLabel(values[0])
            mark(values[1])
        case .labels where isLabel && found == 1:
            try addLabel(values[0])
        case .labels, .rows:
            phase = .rows
            guard found == labels.count else {
                let row = labels.isEmpty ? 1 : count / labels.count + 1
                throw DataError(
                    file: file, at: .row(row), "wrong number of values in data_\(name) (line \(lineNumber))",
                    found: "\(found)", wanted: "\(labels.count)",
                    remedy: "Correct the line; put quotes around values with blanks")
            }
            for value in values { mark(value) }
        }
    }

    private mutating func mark(_ value: Range<Int>) {
        marks.add(value)
        count += 1
    }

    private mutating func addLabel(_ range: Range<Int>) throws(DataError) {
        let label = String(string(range).dropFirst())
        guard knownLabels.insert(label).inserted else {
            throw lineError([range], "data_\(name) has this label twice", wanted: "each label once")
        }
        labels.append(label)
        try checkCount(labels.count, "labels")
    }

    private func checkCount(_ count: Int, _ things: String) throws(DataError) {
        guard count <= Self.limit else {
            throw DataError(
                file: file, at: .line(lineNumber), "there are too many \(things)",
                found: "more than \(Self.limit)", wanted: "a table of particles",
                remedy: "Give a .star file of RELION")
        }
    }

    private mutating func finishBlock() throws(DataError) {
        guard phase != .outside else { return }
        blocks.append(
            Block(
                name: name, comments: comments, labels: labels, isPairs: phase == .pairs,
                bytes: firstByte..<lineStart, count: count))
        try checkCount(blocks.count, "blocks")
        labels.removeAll()
        knownLabels.removeAll()
        count = 0
        firstByte = lineStart
    }

    /// The number of the line being read, counted only where an error needs it.
    private var lineNumber: Int { 1 + text[..<lineStart].count { $0 == 0x0a } }

    private func string(_ range: Range<Int>) -> String {
        let end = text[range].lastIndex { !STARText.isBlank($0) } ?? range.lowerBound
        return String(decoding: text[range.lowerBound...end], as: UTF8.self)
    }

    private func lineError(_ values: [Range<Int>], _ problem: String, wanted: String) -> DataError {
        let found = values.prefix(4).map { string($0).prefix(40) }.joined(separator: " ")
        return DataError(
            file: file, at: .line(lineNumber), problem, found: "'\(found)'", wanted: wanted,
            remedy: "Correct the line, or give a .star file of RELION")
    }
}
