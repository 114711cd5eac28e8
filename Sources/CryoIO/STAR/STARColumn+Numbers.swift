extension STARColumn {
    /// All values as numbers, for checks that go on where reading would stop: a value that is no finite
    /// number is NaN, and its row (from 0) is listed.
    public func numbers() -> (values: [Double], faulty: [Int]) {
        var faulty: [Int] = []
        var values: [Double] = []
        values.reserveCapacity(count)
        table.text.withUnsafeBufferPointer { text in
            table.cells.withUnsafeBufferPointer { cells in
                for row in 0..<count {
                    var bytes = text[cells[row * table.width + place].bytes]
                    if let first = bytes.first, bytes.count > 2, first == bytes.last, STARText.isQuote(first)
                    {
                        bytes = bytes.dropFirst().dropLast()
                    }
                    let value = STARText.double(.init(rebasing: bytes))
                    if value == nil { faulty.append(row) }
                    values.append(value ?? .nan)
                }
            }
        }
        return (values, faulty)
    }
}
