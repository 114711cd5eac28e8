/// A one-dimensional NumPy array of records with named fields, as cryoSPARC keeps its data sets (`.cs`).
///
/// Rows keep their bytes and the header its text, so that what is written back has the types, the order and
/// the precision of what was read.
public struct StructuredArray: Sendable, Equatable {
    public let fields: [NPYField]
    public let rowCount: Int
    /// The file that the array came from, named in errors.
    public let file: String
    /// The bytes of the `.npy` file: header and rows.
    let bytes: [UInt8]
    /// Byte of the first row.
    let start: Int
    /// Bytes of one row.
    let rowLength: Int

    private let places: [String: Int]

    /// Reads a `.cs` or `.npy` file.
    /// - Throws: `DataError` where the file is missing, truncated, or no array of records.
    public init(path: String) throws(DataError) {
        try self.init(bytes: try FileBytes.read(path), file: path)
    }

    /// Reads an array that is already in memory.
    /// - Parameter file: the name that errors give.
    public init(bytes: [UInt8], file: String) throws(DataError) {
        let header = try NPYHeader(bytes: bytes[...], file: file)
        guard case .record(let entries) = header.element, header.shape.count == 1 else {
            throw DataError(
                file: file, at: .byte(10), "this is not a table of records", found: header.kind,
                wanted: "one row of named fields for each particle", remedy: "Give a .cs file of cryoSPARC")
        }
        var fields: [NPYField] = [], offset = 0
        for entry in entries {
            guard let field = NPYField(entry, offset: offset),
                case let end = offset.addingReportingOverflow(field.byteCount), !end.overflow
            else {
                throw DataError(
                    file: file, at: .byte(10), "field \(entry.name) has a type that cannot be read",
                    found: "'\(entry.code)' \(entry.shape)", wanted: "numbers or text of a fixed length",
                    remedy: "Save the array without Python objects")
            }
            fields.append(field)
            offset = end.partialValue
        }
        let rows = header.shape[0], stored = bytes.count - header.dataOffset
        // Rows without bytes would let a small file claim any number of them.
        guard offset > 0 || rows == 0, let length = checkedProduct(rows, offset), stored >= length else {
            throw DataError(
                file: file, at: .byte(bytes.count), "the table is truncated",
                found: "\(offset > 0 ? stored / offset : 0) rows", wanted: "\(rows) of \(offset) bytes",
                remedy: "Copy or make the file again")
        }
        try self.init(fields: fields, rowCount: rows, file: file, bytes: bytes, start: header.dataOffset)
    }

    private init(
        fields: [NPYField], rowCount: Int, file: String, bytes: [UInt8], start: Int
    ) throws(DataError) {
        var places: [String: Int] = [:]
        for (place, field) in fields.enumerated() where !field.name.isEmpty {
            guard places.updateValue(place, forKey: field.name) == nil else {
                throw DataError(
                    file: file, at: .byte(10), "the table has two fields of one name", found: field.name,
                    wanted: "each name once", remedy: "Make the file again")
            }
        }
        self.fields = fields
        self.rowCount = rowCount
        self.file = file
        self.bytes = bytes
        self.start = start
        self.places = places
        rowLength = fields.reduce(0) { $0 + $1.byteCount }
    }

    public var names: [String] { fields.map(\.name) }

    public func contains(_ name: String) -> Bool { places[name] != nil }

    public subscript(name: String) -> NPYField? { places[name].map { fields[$0] } }

    /// The given rows (from 0) in the given order; a row may come more than once.
    /// - Throws: `DataError` for a row that does not exist.
    public func selecting(rows: [Int]) throws(DataError) -> StructuredArray {
        if let wrong = rows.first(where: { !(0..<rowCount ~= $0) }) {
            throw DataError(
                file: file, at: .row(wrong + 1), "there is no such row", wanted: "1 to \(rowCount)",
                remedy: "Check that the selection belongs to this file")
        }
        let header = NPYHeader.resized(Array(bytes[..<start]), rows: rows.count, was: rowCount)
        var result = header
        result.reserveCapacity(header.count + rows.count * rowLength)
        for row in rows { result += bytes[start + row * rowLength..<start + (row + 1) * rowLength] }
        return try StructuredArray(
            fields: fields, rowCount: rows.count, file: file, bytes: result, start: header.count)
    }

    /// Writes the array: byte for byte as it was read where all rows are there.
    /// - Throws: `DataError` where the file cannot be written; nothing is left behind.
    public func write(to path: String) throws(DataError) { try AtomicFile.write(encoded(), to: path) }

    /// The bytes of the `.npy` file.
    public func encoded() -> [UInt8] { Array(bytes[..<(start + rowCount * rowLength)]) }
}

extension NPYHeader {
    /// A header with another number of rows. Its length stays where the text has room, as cryoSPARC and NumPy
    /// leave some, and grows to the next multiple of 64 bytes where it has not.
    fileprivate static func resized(_ header: [UInt8], rows: Int, was: Int) -> [UInt8] {
        guard rows != was, let shape = lastShape(in: header) else { return header }
        let prefix = header[6] == 1 ? 10 : 12
        var text = Array(header[prefix..<shape.lowerBound]) + Array("(\(rows),)".utf8)
        text += header[shape.upperBound...]
        while let last = text.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\n") {
            text.removeLast()
        }
        var length = header.count
        if prefix + text.count + 1 > length { length = (prefix + text.count + 1 + 63) / 64 * 64 }
        text += [UInt8](repeating: UInt8(ascii: " "), count: length - prefix - text.count - 1)
        text.append(UInt8(ascii: "\n"))
        let size = (0..<prefix - 8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
        return header[..<8] + size + text
    }

    /// The parentheses after the last `'shape':`; no field comes after it, as NumPy sorts the keys.
    private static func lastShape(in header: [UInt8]) -> Range<Int>? {
        let key = Array("'shape': (".utf8)
        var start = header.count - key.count
        while start >= 0, !header[start..<start + key.count].elementsEqual(key) { start -= 1 }
        guard start >= 0, let end = header[start...].firstIndex(of: UInt8(ascii: ")")) else { return nil }
        return start + key.count - 1..<end + 1
    }
}
