/// A data block of a STAR file: a table (`loop_`) or label and value pairs, which count as a table of one
/// row.
///
/// Unknown columns, the order of columns and rows, and the text of every value stay as they are.
public struct STARBlock: Sendable {
    /// How the block is written.
    public enum Content: Sendable, Equatable {
        /// `_label value` lines; one row.
        case pairs
        /// `loop_`, labels, rows.
        case table
    }

    /// The name after `data_`; empty for a bare `data_`.
    public var name: String
    public let content: Content
    /// In the file's order, all with `rowCount` values.
    public private(set) var columns: [STARColumn]
    public private(set) var rowCount: Int
    /// Comment lines before the block without line ends, such as `# version 30001`, which RELION reads.
    public var comments: [String]
    /// The file that the block came from, named in errors.
    public var file: String?

    private var places: [String: Int]

    /// An empty block; add columns with `setColumn`.
    public init(name: String, content: Content = .table, comments: [String] = []) {
        self.init(
            name: name, content: content, columns: [], rowCount: content == .pairs ? 1 : 0,
            comments: comments, file: nil)
    }

    /// Columns of equal length under different labels, as the parser makes them.
    init(
        name: String, content: Content, columns: [STARColumn], rowCount: Int, comments: [String],
        file: String?
    ) {
        self.name = name
        self.content = content
        self.columns = columns
        self.rowCount = rowCount
        self.comments = comments
        self.file = file
        places = Dictionary(uniqueKeysWithValues: zip(columns.map(\.label), columns.indices))
    }

    /// Labels without underscore, in order.
    public var labels: [String] { columns.map(\.label) }

    public func contains(_ label: String) -> Bool { places[label] != nil }

    /// The column object of a label, for its original text.
    public subscript(label: String) -> STARColumn? { places[label].map { columns[$0] } }

    /// The values of a column without quotes, or nil where there is no such column.
    public func column(_ label: String) -> [String]? {
        self[label].map { column in (0..<column.count).map { column[$0] } }
    }

    /// The given rows (from 0) in the given order; a row may come more than once.
    /// - Throws: `DataError` for a row that does not exist.
    public func selecting(rows: [Int]) throws(DataError) -> STARBlock {
        if let wrong = rows.first(where: { !(0..<rowCount ~= $0) }) {
            throw DataError(
                file: file, at: .row(wrong + 1), "there is no such row in data_\(name)",
                wanted: "1 to \(rowCount)",
                remedy: "Check that the selection belongs to this file")
        }
        return STARBlock(
            name: name, content: rows.count == 1 ? content : .table,
            columns: columns.map { $0.selecting(rows: rows) }, rowCount: rows.count, comments: comments,
            file: file)
    }

    /// Replaces the column of that label in its place, or adds it as the last one.
    /// - Throws: `DataError` where the number of values is not that of the other columns.
    public mutating func setColumn(_ column: STARColumn) throws(DataError) {
        let isFirst = content == .table && (columns.isEmpty || labels == [column.label])
        guard isFirst || column.count == rowCount else {
            throw DataError(
                file: file, "column _\(column.label) does not have one value a row of data_\(name)",
                found: "\(column.count) values", wanted: "\(rowCount)", remedy: "Give one value for each row")
        }
        rowCount = column.count
        if let place = places[column.label] {
            columns[place] = column
        } else {
            places[column.label] = columns.count
            columns.append(column)
        }
    }

    public mutating func removeColumn(_ label: String) {
        guard let place = places[label] else { return }
        columns.remove(at: place)
        places = Dictionary(uniqueKeysWithValues: zip(labels, columns.indices))
        if columns.isEmpty, content == .table { rowCount = 0 }
    }
}
