/// One value of a STAR file as a place in the bytes that hold it. A sheet of 10 million particles has 300
/// million values, so start and length share 8 bytes: 40 bits and 24 bits.
struct TextRange: Sendable, Equatable {
    private var packed: UInt64

    /// The longest value that can be held.
    static let longest = 1 << 24 - 1

    init(start: Int, end: Int) {
        packed = UInt64(start) << 24 | UInt64(end - start)
    }

    var start: Int { Int(packed >> 24) }
    var count: Int { Int(packed & 0xff_ffff) }
    var bytes: Range<Int> { start..<start + count }
}

/// The values of a table, row by row, as places in the text of the file.
struct STARCells: Sendable {
    let text: [UInt8]
    let cells: [TextRange]
    /// Values in a row.
    let width: Int

    var rowCount: Int { width > 0 ? cells.count / width : 0 }
}

/// A labelled column of a STAR block. Values keep the text they had in the file, quotes and trailing zeros
/// included.
public struct STARColumn: Sendable {
    /// The label without its leading underscore, such as `rlnImageName`.
    public var label: String
    /// The table that holds the values; columns of one block share it.
    let table: STARCells
    /// Place of the column among the table's.
    let place: Int

    /// Number of values.
    public var count: Int { table.rowCount }

    init(label: String, table: STARCells, place: Int) {
        self.label = label
        self.table = table
        self.place = place
    }

    /// A column with a table of its own.
    init(label: String, text: [UInt8], ranges: [TextRange]) {
        self.init(label: label, table: STARCells(text: text, cells: ranges, width: 1), place: 0)
    }

    func range(_ row: Int) -> TextRange { table.cells[row * table.width + place] }

    /// The bytes of a value as they stand in the file.
    public func original(_ row: Int) -> ArraySlice<UInt8> { table.text[range(row).bytes] }

    /// A value without the quotes around it.
    public subscript(row: Int) -> String { Self.unquoted(original(row)) }

    func selecting(rows: [Int]) -> STARColumn {
        STARColumn(label: label, text: table.text, ranges: rows.map(range))
    }

    static func unquoted(_ bytes: ArraySlice<UInt8>) -> String {
        guard let first = bytes.first, bytes.count >= 2, first == bytes.last, STARText.isQuote(first) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        return String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
    }
}

extension STARColumn {
    /// A column of new values. Quotes are set where a value needs them.
    /// - Throws: `DataError` where a value cannot be written in a STAR file.
    public init(label: String, values: [String]) throws(DataError) {
        guard STARText.isWord(label), !label.hasPrefix("_") else {
            throw DataError(
                file: nil, "a column label must be one word without an underscore before it",
                found: "'\(label)'",
                wanted: "a label such as rlnImageName", remedy: "Rename the column")
        }
        var text: [UInt8] = []
        var ranges: [TextRange] = []
        ranges.reserveCapacity(values.count)
        for (row, value) in values.enumerated() {
            let start = text.count
            text.append(contentsOf: try STARText.quotedIfNeeded(value, row: row + 1))
            ranges.append(TextRange(start: start, end: text.count))
        }
        self.init(label: label, text: text, ranges: ranges)
    }
}
