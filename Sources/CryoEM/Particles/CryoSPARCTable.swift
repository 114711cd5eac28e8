import CryoIO

/// A cryoSPARC particle file with its passthrough files, joined by `uid`. A field is taken from the first
/// file that has it.
struct CryoSPARCTable {
    let main: StructuredArray
    private var passthrough: [(table: StructuredArray, rows: [Int])] = []

    var file: String { main.file }
    var count: Int { main.rowCount }

    /// - Throws: `DataError` with the row of a particle that a passthrough file lacks.
    init(_ main: StructuredArray, passthrough paths: [String]) throws(DataError) {
        self.main = main
        for path in paths {
            let table = try StructuredArray(path: path)
            passthrough.append((table, try Self.rows(of: main, in: table)))
        }
    }

    /// The row of `other` for each row of `main`.
    static func rows(
        of main: StructuredArray, in other: StructuredArray
    ) throws(DataError) -> [Int] {
        let wanted = try main.unsigned("uid"), known = try other.unsigned("uid")
        if wanted == known { return Array(wanted.indices) }
        let places = Dictionary(zip(known, known.indices), uniquingKeysWith: { first, _ in first })
        var rows: [Int] = []
        rows.reserveCapacity(wanted.count)
        for (row, uid) in wanted.enumerated() {
            guard let place = places[uid] else {
                throw DataError(
                    file: main.file, at: .row(row + 1), "the particle is not in \(other.file)",
                    found: "uid \(uid)", wanted: "a passthrough file with every particle of this file",
                    remedy: "Give the passthrough file of the same job")
            }
            rows.append(place)
        }
        return rows
    }

    func contains(_ name: String) -> Bool { holder(of: name) != nil }

    private func holder(of name: String) -> (table: StructuredArray, rows: [Int]?)? {
        if main.contains(name) { return (main, nil) }
        return passthrough.first { $0.table.contains(name) }.map { ($0.table, $0.rows) }
    }

    /// The file, the field and the rows in it that hold a field of this name.
    /// - Throws: `DataError` that asks for a passthrough file where there is none.
    func required(
        _ name: String
    ) throws(DataError) -> (table: StructuredArray, field: NPYField, rows: [Int]?) {
        if let (table, rows) = holder(of: name) { return (table, try table.required(name), rows) }
        let group = name.prefix { $0 != "/" } + "/"
        let near = main.names.filter { $0.hasPrefix(group) }
        throw DataError(
            file: file, "the file has no field \(name)",
            found: (near.isEmpty ? main.names : near).joined(separator: " "), wanted: name,
            remedy: passthrough.isEmpty
                ? "Give the job's passthrough file with --passthrough"
                : "Give the passthrough file that has it with --passthrough")
    }

    /// The numbers of a field, those of a row together.
    /// - Parameter values: how many a row there must be.
    func doubles(_ name: String, values: Int = 1) throws(DataError) -> [Double] {
        let (table, field, rows) = try required(name)
        guard field.valuesPerRow == values else {
            throw DataError(
                file: table.file, "field \(name) has an unexpected shape", found: "\(field.shape)",
                wanted: "\(values) values for each particle", remedy: "Give the particle file of a 3D job")
        }
        let all = try table.doubles(name)
        guard let rows else { return all }
        return rows.flatMap { all[$0 * values..<($0 + 1) * values] }
    }

    /// One number for each row, or the value for a missing field.
    func doubles(_ name: String, default value: Double) throws(DataError) -> [Double] {
        contains(name) ? try doubles(name) : Array(repeating: value, count: count)
    }

    /// Whole numbers of a field.
    func integers(_ name: String) throws(DataError) -> [Int] {
        try doubles(name).map { Int(exactly: $0) ?? 0 }
    }

    /// Equal texts of a field once, and the text of each row.
    func interned(_ name: String) throws(DataError) -> (names: [String], indices: [Int]) {
        let (table, field, rows) = try required(name)
        var names: [String] = [], indices: [Int] = [], places: [ArraySlice<UInt8>: Int] = [:]
        indices.reserveCapacity(count)
        var last: ArraySlice<UInt8> = [], place = -1
        for row in 0..<count {
            let bytes = table.stored(field, row: rows?[row] ?? row)
            // Rows of one stack follow one another, so most names need no look-up.
            if place < 0 || bytes != last {
                place = places[bytes] ?? names.count
                if place == names.count {
                    places[bytes] = place
                    names.append(table.text(field, row: rows?[row] ?? row))
                }
                last = bytes
            }
            indices.append(place)
        }
        return (names, indices)
    }
}
