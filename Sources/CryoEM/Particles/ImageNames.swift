import CryoIO

/// The stacks that a particle table names, in order of first use, and the image of each row.
struct ImageNames {
    private(set) var paths: [String] = []
    private(set) var references: [ImageReference] = []

    init(paths: [String], references: [ImageReference]) {
        (self.paths, self.references) = (paths, references)
    }

    /// The `rlnImageName` column, `000012@folder/stack.mrcs`.
    /// - Throws: `DataError` with the row of a name that is not `NUMBER@PATH` or a path alone.
    init(_ column: STARColumn, file: String) throws(DataError) {
        var faulty: Int?
        self.init(column) { if faulty == nil { faulty = $0 } }
        if let row = faulty {
            throw DataError(
                file: file, at: .row(row + 1), "_rlnImageName does not name an image",
                found: "'\(column[row])'",
                wanted: "NUMBER@STACK with a number from 1", remedy: "Correct the name")
        }
    }

    /// The same of a column that may have faults: `fault` gets the rows (from 0) of names that cannot be
    /// read, and their references are to stack -1.
    init(_ column: STARColumn, fault: (Int) -> Void) {
        references.reserveCapacity(column.count)
        var places: [String: Int] = [:]
        var lastPath: ArraySlice<UInt8> = [], lastPlace = 0
        for row in 0..<column.count {
            let name = Self.unquoted(column.original(row))
            guard let (index, path) = Self.parsed(name) else {
                fault(row)
                references.append(ImageReference(stack: -1, index: -1))
                continue
            }
            // Rows of one stack follow one another, so most names need no look-up.
            if !path.elementsEqual(lastPath) {
                let text = String(decoding: path, as: UTF8.self)
                lastPlace = places[text] ?? paths.count
                if lastPlace == paths.count {
                    places[text] = lastPlace
                    paths.append(text)
                }
                lastPath = path
            }
            references.append(ImageReference(stack: lastPlace, index: index - 1))
        }
    }

    private static func unquoted(_ name: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard name.count > 1, let first = name.first, first == name.last, first == 0x22 || first == 0x27
        else {
            return name
        }
        return name.dropFirst().dropLast()
    }

    /// Number from 1 and path; a path alone is its first image.
    private static func parsed(_ name: ArraySlice<UInt8>) -> (Int, ArraySlice<UInt8>)? {
        guard let at = name.firstIndex(of: UInt8(ascii: "@")) else { return name.isEmpty ? nil : (1, name) }
        var number = 0
        for byte in name[..<at] {
            guard 0x30...0x39 ~= byte, number < Int(Int32.max) / 10 else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        let path = name[(at + 1)...]
        return number > 0 && !path.isEmpty ? (number, path) : nil
    }
}
