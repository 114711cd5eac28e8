/// Reads STAR text line by line: one row a line, as RELION writes it.
///
/// Allowed beyond RELION: comments anywhere, quoted values, Windows line ends, blank lines inside tables,
/// labels with or without `#n`, any number of blocks.
struct STARParser {
    private let text: [UInt8]
    private let file: String

    private var blocks: [STARBlock] = []
    private var phase = Phase.outside
    private var name = ""
    private var comments: [String] = []
    private var pendingComments: [String] = []
    private var labels: [String] = []
    private var knownLabels: Set<String> = []
    /// Values of the current block, row by row.
    private var cells: [TextRange] = []
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

    init(text: [UInt8], file: String) {
        self.text = text
        self.file = file
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
                    start = STARRowScanner(bytes, width: labels.count).scan(from: start, into: &cells)
                }
            }
        }
        try finishBlock()
        guard !blocks.isEmpty else {
            throw DataError(
                file: file, "this is not a STAR file",
                found: text.isEmpty ? "an empty file" : "no data_ block",
                wanted: "a line such as data_particles", remedy: "Give a .star file of RELION")
        }
        return blocks
    }

    private mutating func readLine(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
    ) throws(DataError) {
        guard end - start <= TextRange.longest else {
            throw DataError(
                file: file, at: .line(lineNumber), "the line is too long", found: "\(end - start) bytes",
                wanted: "at most \(TextRange.longest)", remedy: "Give a .star file of RELION")
        }
        // Values go where they will stay if the line turns out to be a row.
        let first = cells.count
        let comment = STARText.scanValues(bytes, start, end, into: &cells)
        let count = cells.count - first
        guard count > 0 else {
            if let comment { pendingComments.append(string(comment)) }
            return
        }
        let values = Array(cells[first...])
        cells.removeLast(count)
        if count == 1, STARText.starts(bytes, values[0], "data_") {
            try finishBlock()
            name = String(string(values[0]).dropFirst(5))
            comments = pendingComments
            phase = .empty
        } else {
            try readContent(bytes, values)
        }
        pendingComments.removeAll()
    }

    /// A line that is neither blank nor the start of a block.
    private mutating func readContent(
        _ bytes: UnsafeBufferPointer<UInt8>, _ values: [TextRange]
    ) throws(DataError) {
        let isLabel = bytes[values[0].start] == UInt8(ascii: "_")
        let isLoop = values.count == 1 && STARText.starts(bytes, values[0], "loop_") && values[0].count == 5
        switch phase {
        case .outside:
            throw lineError(
                values, "there is text before the first block", wanted: "a line such as data_particles")
        case .empty where isLoop:
            phase = .labels
        case .pairs where isLoop, .labels where isLoop, .rows where isLoop:
            throw lineError(values, "data_\(name) has a second table", wanted: "one table a block")
        case .empty, .pairs:
            guard isLabel, values.count == 2 else {
                throw lineError(
                    values, "this line of data_\(name) is neither a table nor one value with its label",
                    wanted: "loop_ before a table's labels, or '_label value'")
            }
            phase = .pairs
            try addLabel(values[0])
            cells.append(values[1])
        case .labels where isLabel && values.count == 1:
            try addLabel(values[0])
        case .labels, .rows:
            phase = .rows
            guard values.count == labels.count else {
                let row = labels.isEmpty ? 1 : cells.count / labels.count + 1
                throw DataError(
                    file: file, at: .row(row), "wrong number of values in data_\(name) (line \(lineNumber))",
                    found: "\(values.count)", wanted: "\(labels.count)",
                    remedy: "Correct the line; put quotes around values with blanks")
            }
            cells.append(contentsOf: values)
        }
    }

    private mutating func addLabel(_ range: TextRange) throws(DataError) {
        let label = String(string(range).dropFirst())
        guard knownLabels.insert(label).inserted else {
            throw lineError([range], "data_\(name) has this label twice", wanted: "each label once")
        }
        labels.append(label)
    }

    private mutating func finishBlock() throws(DataError) {
        guard phase != .outside else { return }
        let isPairs = phase == .pairs
        let rowCount = isPairs ? 1 : labels.isEmpty ? 0 : cells.count / labels.count
        let width = labels.count
        let table = STARCells(text: text, cells: cells, width: width)
        let columns = labels.indices.map { STARColumn(label: labels[$0], table: table, place: $0) }
        blocks.append(
            STARBlock(
                name: name, content: isPairs ? .pairs : .table, columns: columns, rowCount: rowCount,
                comments: comments, file: file))
        labels.removeAll()
        knownLabels.removeAll()
        cells = []
    }

    /// The number of the line being read, counted only where an error needs it.
    private var lineNumber: Int { 1 + text[..<lineStart].count { $0 == 0x0a } }

    private func string(_ range: TextRange) -> String {
        let end = text[range.bytes].lastIndex { !STARText.isBlank($0) } ?? range.start
        return String(decoding: text[range.start...end], as: UTF8.self)
    }

    private func lineError(_ values: [TextRange], _ problem: String, wanted: String) -> DataError {
        let found = values.prefix(4).map { string($0).prefix(40) }.joined(separator: " ")
        return DataError(
            file: file, at: .line(lineNumber), problem, found: "'\(found)'", wanted: wanted,
            remedy: "Correct the line, or give a .star file of RELION")
    }
}
