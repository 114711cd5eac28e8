extension StructuredArray {
    /// A field that must be there.
    /// - Throws: `DataError` that lists the fields of the same group, such as `ctf/...`.
    public func required(_ name: String) throws(DataError) -> NPYField {
        if let field = self[name] { return field }
        let group = name.prefix { $0 != "/" } + "/"
        let near = names.filter { $0.hasPrefix(group) }
        throw DataError(
            file: file, "the table has no field \(name)",
            found: near.isEmpty ? names.joined(separator: " ") : near.joined(separator: " "), wanted: name,
            remedy: "Give the file that has it")
    }

    /// The numbers of a field, row after row, each row's `valuesPerRow` together.
    /// - Throws: `DataError` for a field that is missing or holds no numbers, and for values that are not
    ///   finite, with their row.
    public func doubles(_ name: String) throws(DataError) -> [Double] {
        let field = try required(name)
        let convert = try reader(field)
        var values: [Double] = []
        values.reserveCapacity(rowCount * field.valuesPerRow)
        bytes.withUnsafeBytes { raw in
            for row in 0..<rowCount {
                let first = start + row * rowLength + field.offset
                for k in 0..<field.valuesPerRow { values.append(convert(raw, first + k * field.width)) }
            }
        }
        if let place = values.firstIndex(where: { !$0.isFinite }) {
            throw DataError(
                file: file, at: .row(place / max(1, field.valuesPerRow) + 1), "\(name) is no finite number",
                found: "\(values[place])", wanted: "a number", remedy: "Correct the value or remove the row")
        }
        return values
    }

    /// The whole numbers of a field, such as `uid`.
    /// - Throws: `DataError` for a field that is missing or not of a kind of whole numbers.
    public func unsigned(_ name: String) throws(DataError) -> [UInt64] {
        let field = try required(name)
        guard field.kind == .unsigned || field.kind == .signed || field.kind == .bool,
            field.shape.isEmpty
        else { throw wrong(field, wanted: "one whole number") }
        return bytes.withUnsafeBytes { raw in
            (0..<rowCount).map { row in
                Self.word(raw, start + row * rowLength + field.offset, field.width, field.isBigEndian)
            }
        }
    }

    /// The texts of a field.
    public func strings(_ name: String) throws(DataError) -> [String] {
        let field = try required(name)
        guard field.kind == .bytes || field.kind == .unicode, field.shape.isEmpty else {
            throw wrong(field, wanted: "text")
        }
        return (0..<rowCount).map { text(field, row: $0) }
    }

    /// The bytes of a field in a row as they stand in the file.
    public func stored(_ field: NPYField, row: Int) -> ArraySlice<UInt8> {
        let first = start + row * rowLength + field.offset
        return bytes[first..<first + field.byteCount]
    }

    /// A text without the zeros that fill it.
    public func text(_ field: NPYField, row: Int) -> String {
        let all = stored(field, row: row)
        if field.kind == .unicode {
            let width = 4
            let scalars = stride(from: all.startIndex, to: all.endIndex, by: width).map { place in
                let word = (0..<width).reduce(UInt32(0)) {
                    $0 << 8 | UInt32(all[place + (field.isBigEndian ? $1 : width - 1 - $1)])
                }
                return Unicode.Scalar(word) ?? "\u{fffd}"
            }
            let end = scalars.lastIndex { $0.value != 0 }.map { $0 + 1 } ?? 0
            return String(String.UnicodeScalarView(scalars[..<end]))
        }
        let end = all.lastIndex { $0 != 0 }.map { $0 + 1 } ?? all.startIndex
        return String(decoding: all[all.startIndex..<end], as: UTF8.self)
    }

    private func wrong(_ field: NPYField, wanted: String) -> DataError {
        DataError(
            file: file, "field \(field.name) has an unexpected type",
            found: "\(field.kind.rawValue)\(field.width) \(field.shape)", wanted: wanted,
            remedy: "Give a file as the program that made it wrote it")
    }

    /// How a value of a field becomes a `Double`.
    private func reader(_ field: NPYField) throws(DataError) -> (UnsafeRawBufferPointer, Int) -> Double {
        let (width, swapped) = (field.width, field.isBigEndian)
        func word(_ raw: UnsafeRawBufferPointer, _ place: Int) -> UInt64 {
            Self.word(raw, place, width, swapped)
        }
        switch (field.kind, width) {
        case (.float, 2): return { Double(MRCDecoder.float(half: UInt16(truncatingIfNeeded: word($0, $1)))) }
        case (.float, 4): return { Double(Float(bitPattern: UInt32(truncatingIfNeeded: word($0, $1)))) }
        case (.float, 8): return { Double(bitPattern: word($0, $1)) }
        case (.bool, _): return { word($0, $1) == 0 ? 0 : 1 }
        case (.unsigned, 1), (.unsigned, 2), (.unsigned, 4), (.unsigned, 8): return { Double(word($0, $1)) }
        case (.signed, 1), (.signed, 2), (.signed, 4), (.signed, 8):
            let shift = UInt64(64 - 8 * width)
            return { Double(Int64(bitPattern: word($0, $1) << shift) >> Int64(shift)) }
        default: throw wrong(field, wanted: "numbers")
        }
    }

    /// Up to eight bytes as an unsigned number.
    @inline(__always)
    static func word(
        _ raw: UnsafeRawBufferPointer, _ place: Int, _ width: Int, _ isBigEndian: Bool
    ) -> UInt64 {
        var value: UInt64 = 0
        for k in 0..<width {
            value |= UInt64(raw[place + k]) << UInt64(8 * (isBigEndian ? width - 1 - k : k))
        }
        return value
    }
}
