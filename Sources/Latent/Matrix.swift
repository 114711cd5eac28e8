/// A table of latent coordinates, one particle a row, `[rows, columns]`, row-major.
public struct Matrix: Sendable, Equatable {
    public let rows: Int
    public let columns: Int
    /// `rows * columns` values; the value of row `r` and column `c` is at `r * columns + c`.
    public private(set) var values: [Float]

    /// Takes row-major values.
    /// - Throws: `LatentError` when the number of values is not `rows * columns`.
    public init(rows: Int, columns: Int, values: [Float]) throws(LatentError) {
        guard rows >= 0, columns >= 0, values.count == rows * columns else {
            throw LatentError(
                .sizeMismatch, "\(values.count) values do not fill a table of \(rows) x \(columns)",
                remedy: "Give rows * columns values in row-major order")
        }
        self.init(unchecked: rows, columns, values)
    }

    /// Takes one array a row.
    /// - Throws: `LatentError` when the rows differ in length.
    public init(rows table: [[Float]]) throws(LatentError) {
        let width = table.first?.count ?? 0
        for (r, row) in table.enumerated() where row.count != width {
            throw LatentError(
                .sizeMismatch, "row \(r) has \(row.count) values; wanted \(width)",
                remedy: "Give rows of one length")
        }
        self.init(unchecked: table.count, width, table.flatMap { $0 })
    }

    /// A table of zeros.
    public init(zeros rows: Int, _ columns: Int) {
        self.init(unchecked: rows, columns, [Float](repeating: 0, count: rows * columns))
    }

    /// For tables whose size is right by construction.
    init(unchecked rows: Int, _ columns: Int, _ values: [Float]) {
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    public subscript(row: Int, column: Int) -> Float {
        get {
            precondition(column >= 0 && column < columns, "column \(column) of \(columns)")
            return values[row * columns + column]
        }
        set {
            precondition(column >= 0 && column < columns, "column \(column) of \(columns)")
            values[row * columns + column] = newValue
        }
    }

    public func row(_ index: Int) -> ArraySlice<Float> {
        values[index * columns..<(index + 1) * columns]
    }

    public func column(_ index: Int) -> [Float] {
        (0..<rows).map { self[$0, index] }
    }

    /// The named rows, in the order given.
    public func selecting(rows chosen: [Int]) -> Matrix {
        var picked: [Float] = []
        picked.reserveCapacity(chosen.count * columns)
        for r in chosen { picked.append(contentsOf: row(r)) }
        return Matrix(unchecked: chosen.count, columns, picked)
    }
}

extension Matrix {
    /// Throws when the table is empty or holds a value that is not finite; the error names the first such
    /// row.
    public func requireFinite(for method: String) throws(LatentError) {
        guard rows > 0, columns > 0 else {
            throw LatentError(
                .empty, "\(method) got a table of \(rows) x \(columns)",
                remedy: "Give at least one row and column")
        }
        guard let bad = values.firstIndex(where: { !$0.isFinite }) else { return }
        let row = bad / columns
        throw LatentError(
            .notFinite(row: row), "\(method): row \(row), column \(bad % columns) is \(values[bad])",
            remedy: "Leave that row out, or find out why its latent is not finite")
    }
}
