/// A labelled column of a STAR block. Values keep the text they had in the file, quotes and trailing zeros
/// included.
public struct STARColumn: Sendable {
    /// The label without its leading underscore, such as `rlnImageName`.
    public var label: String
    /// The table that holds the values; columns of one block share it.
    let table: STARCells
    /// Place of the column among the table's.
    let place: Int
    /// The table's row for each row of a selection; nil where all are there in order.
    private var rows: [Int]?

    /// Number of values.
    public var count: Int { rows?.count ?? table.rowCount }

    init(label: String, table: STARCells, place: Int) {
        self.label = label
        self.table = table
        self.place = place
    }

    /// The table's row that holds a row of this column.
    @inline(__always)
    func stored(_ row: Int) -> Int { rows.map { $0[row] } ?? row }

    /// The bytes of a value as they stand in the file.
    public func original(_ row: Int) -> ArraySlice<UInt8> { table.text[table.range(stored(row), place)] }

    /// A value without the quotes around it.
    public subscript(row: Int) -> String {
        table.withReader { String(decoding: $0.unquoted(stored(row), place), as: UTF8.self) }
    }

    /// Rows of this column.
    func selecting(rows chosen: [Int]) -> STARColumn {
        var column = self
        column.rows = rows.map { all in chosen.map { all[$0] } } ?? chosen
        return column
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
        var text: [UInt8] = [], ends: [Int] = []
        ends.reserveCapacity(values.count)
        for (row, value) in values.enumerated() {
            text += try STARText.quotedIfNeeded(value, row: row + 1)
            ends.append(text.count)
        }
        var marks = STARMarks(bytes: text.indices), start = 0
        for end in ends {
            marks.add(start..<end)
            start = end
        }
        self.init(
            label: label,
            table: STARCells(text: text, marks: marks, bytes: text.indices, count: values.count, width: 1),
            place: 0)
    }
}
