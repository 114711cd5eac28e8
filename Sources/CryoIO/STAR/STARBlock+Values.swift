extension STARBlock {
    /// A column that must be there.
    /// - Parameter file: named in the error; the block's own file where it is nil.
    public func required(_ label: String, file: String? = nil) throws(DataError) -> STARColumn {
        if let column = self[label] { return column }
        let known = labels.isEmpty ? "no columns" : labels.map { "_" + $0 }.joined(separator: " ")
        throw DataError(
            file: file ?? self.file, "data_\(name) has no column _\(label)", found: known,
            wanted: "_\(label)",
            remedy: "Add the column, or give the file that has it")
    }

    /// The texts of a column that must be there, without quotes.
    public func strings(_ label: String, file: String? = nil) throws(DataError) -> [String] {
        let column = try required(label, file: file)
        return (0..<column.count).map { column[$0] }
    }

    /// The numbers of a column that must be there.
    /// - Throws: `DataError` that names the row of a value that is not a finite number.
    public func doubles(_ label: String, file: String? = nil) throws(DataError) -> [Double] {
        try numbers(label, file: file, wanted: "a number") { $0 }
    }

    /// The whole numbers of a column that must be there; `3.000` counts as one.
    /// - Throws: `DataError` that names the row of a value that is not a whole number.
    public func integers(_ label: String, file: String? = nil) throws(DataError) -> [Int] {
        try numbers(label, file: file, wanted: "a whole number") { Int(exactly: $0) }
    }

    /// Sets a column of texts; see `setColumn(_:)`.
    public mutating func setColumn(_ label: String, _ values: [String]) throws(DataError) {
        try setColumn(STARColumn(label: label, values: values))
    }

    /// Sets a column of whole numbers.
    public mutating func setColumn(_ label: String, _ values: [Int]) throws(DataError) {
        try setColumn(label, values.map(String.init))
    }

    /// Sets a column of numbers with a fixed number of decimals; RELION writes six.
    /// - Throws: `DataError` for a value that is not finite.
    public mutating func setColumn(_ label: String, _ values: [Double], decimals: Int = 6) throws(DataError) {
        if let row = values.firstIndex(where: { !$0.isFinite }) {
            throw DataError(
                file: file, at: .row(row + 1), "column _\(label) cannot hold this value",
                found: "\(values[row])",
                wanted: "a finite number", remedy: "Check how the value was computed")
        }
        try setColumn(label, values.map { STARText.number($0, decimals: decimals) })
    }

    private func numbers<Number: Sendable>(
        _ label: String, file: String?, wanted: String, convert: @Sendable (Double) -> Number?
    ) throws(DataError) -> [Number] {
        let column = try required(label, file: file)
        let chunks = Chunks.ranges(column.count, size: 1 << 16)
        var wrong = [Int?](repeating: nil, count: chunks.count)
        let values = [Number](unsafeUninitializedCapacity: column.count) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            let target = SharedBuffer(base: base)
            wrong.withUnsafeMutableBufferPointer { faults in
                guard let first = faults.baseAddress else { return }
                let faults = SharedBuffer(base: first)
                Chunks.forEach(chunks.count) { k in
                    faults.base[k] = column.convert(chunks[k], into: target.base, convert)
                }
            }
            // What was not written before a fault is not counted; the array is given up then.
            count = wrong.allSatisfy { $0 == nil } ? column.count : 0
        }
        if let row = wrong.compactMap({ $0 }).min() {
            throw DataError(
                file: file ?? self.file, at: .row(row + 1),
                "column _\(label) of data_\(name) holds no number",
                found: "'\(column[row].prefix(60))'", wanted: wanted, remedy: "Correct the value")
        }
        return values
    }
}
