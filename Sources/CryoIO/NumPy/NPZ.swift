/// The named arrays of a NumPy `.npz` archive, in the archive's order.
public struct NPZ: Sendable, Equatable {
    /// Names without `.npy`.
    public private(set) var names: [String] = []
    private var arrays: [String: NPYArray] = [:]

    public init() {}

    /// Setting replaces or adds an array; nil removes it.
    public subscript(name: String) -> NPYArray? {
        get { arrays[name] }
        set {
            if newValue == nil {
                names.removeAll { $0 == name }
            } else if arrays[name] == nil {
                names.append(name)
            }
            arrays[name] = newValue
        }
    }

    /// An array that must be there.
    public func required(_ name: String, file: String) throws(DataError) -> NPYArray {
        if let array = arrays[name] { return array }
        throw DataError(
            file: file, "the archive has no array '\(name)'", found: names.joined(separator: ", "),
            wanted: name,
            remedy: "Give the archive that has it")
    }

    /// Reads an archive of uncompressed arrays.
    /// - Throws: `DataError` where the file is missing, no archive, damaged or compressed.
    public static func read(_ path: String) throws(DataError) -> NPZ {
        try NPZ(bytes: try FileBytes.read(path), file: path)
    }

    /// Reads an archive that is already in memory.
    init(bytes: [UInt8], file: String) throws(DataError) {
        for entry in try ZipReader(bytes: bytes, file: file).entries() {
            let name = entry.name.hasSuffix(".npy") ? String(entry.name.dropLast(4)) : entry.name
            self[name] = try NPYArray(encoded: bytes[entry.data], file: "\(file):\(entry.name)")
        }
    }

    /// Writes an uncompressed archive. The same arrays give the same bytes.
    /// - Throws: `DataError` where the file cannot be written; nothing is left behind.
    public func write(to path: String) throws(DataError) {
        var writer = try ZipWriter(path: path)
        for name in names {
            guard let array = arrays[name] else { continue }
            try writer.add("\(name).npy", array.encoded())
        }
        try writer.finish()
    }
}
