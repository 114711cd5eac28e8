/// The rows with the mean taken off, so that squared distances keep their digits in single precision.
///
/// Values lie by rows and, for distances of sixteen rows at once, by columns.
struct CentredRows {
    typealias Lanes = SIMD16<Float>

    /// `[rows, columns]`
    let values: Storage<Float>
    let rows: Int
    let columns: Int
    let threads: Int
    /// Rows a chunk of parallel work has, a multiple of the lanes.
    static let chunk = 2048
    /// `[columns, stride]`, zeros behind the rows.
    private let byColumn: Storage<Float>
    private let stride: Int

    init(_ data: Matrix, mean: [Double], threads: Int) {
        (rows, columns, self.threads) = (data.rows, data.columns, threads)
        stride = (data.rows + Lanes.scalarCount - 1) / Lanes.scalarCount * Lanes.scalarCount
        values = Storage(data.values)
        byColumn = Storage(repeating: 0, count: stride * data.columns)
        for r in 0..<rows {
            for c in 0..<columns {
                let centred = Float(Double(values.base[r * columns + c]) - mean[c])
                values.base[r * columns + c] = centred
                byColumn.base[c * stride + r] = centred
            }
        }
    }

    /// Some of the rows one after the other.
    func values(of chosen: [Int]) -> [Double] {
        chosen.flatMap { row in (0..<columns).map { Double(values.base[row * columns + $0]) } }
    }

    /// Squared distances to `centre` [columns] of the sixteen rows from `row` on; those behind the last row
    /// mean nothing.
    @inline(__always)
    func squaredDistances(from row: Int, to centre: UnsafePointer<Float>) -> Lanes {
        var sum = Lanes.zero
        for c in 0..<columns {
            let column = UnsafeRawPointer(byColumn.base + c * stride + row)
            let difference = column.loadUnaligned(as: Lanes.self) - centre[c]
            sum += difference * difference
        }
        return sum
    }
}
