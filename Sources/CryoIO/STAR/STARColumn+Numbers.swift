extension STARColumn {
    /// All values as numbers, for checks that go on where reading would stop: a value that is no finite
    /// number is NaN, and its row (from 0) is listed.
    public func numbers() -> (values: [Double], faulty: [Int]) {
        var faulty: [Int] = []
        var values: [Double] = []
        values.reserveCapacity(count)
        table.withReader { reader in
            for row in 0..<count {
                let value = STARText.double(reader.unquoted(stored(row), place))
                if value == nil { faulty.append(row) }
                values.append(value ?? .nan)
            }
        }
        return (values, faulty)
    }

    /// Writes the numbers of some rows.
    /// - Returns: the first row that holds none.
    func convert<Number>(
        _ rows: Range<Int>, into target: UnsafeMutablePointer<Number>, _ convert: (Double) -> Number?
    ) -> Int? {
        table.withReader { reader in
            for row in rows {
                guard let value = STARText.double(reader.unquoted(stored(row), place)),
                    let number = convert(value)
                else { return row }
                (target + row).initialize(to: number)
            }
            return nil
        }
    }
}
