/// Python pickles of NumPy arrays, such as cryoDRGN's poses, CTF tables and lists of rows.
///
/// The reader knows the few opcodes and names that such files need. It calls nothing and makes no objects but
/// numbers, texts and arrays; any other name is refused and told.
public enum Pickle {
    /// The arrays of a file: one for a pickled array or list of whole numbers, several for a tuple or list of
    /// arrays.
    /// - Throws: `DataError` with the byte where the file is damaged or holds anything else.
    public static func read(_ path: String) throws(DataError) -> [NPYArray] {
        try arrays(try FileMap(path: path))
    }

    /// The arrays of a file that is already in memory.
    public static func arrays(bytes: [UInt8], file: String) throws(DataError) -> [NPYArray] {
        try arrays(FileMap(copying: bytes, path: file))
    }

    private static func arrays(_ map: FileMap) throws(DataError) -> [NPYArray] {
        var machine = PickleMachine(map)
        return try machine.run()
    }

    /// Writes whole numbers as the pickled 64-bit array that cryoDRGN takes with `--ind`.
    /// - Throws: `DataError` where the file cannot be written; nothing is left behind.
    public static func write(integers values: [Int], to path: String) throws(DataError) {
        try AtomicFile.write(encoded(integers: values), to: path)
    }

    /// Protocol 3, which every Python 3 reads. `numpy.core` is the name that all versions of NumPy know.
    static func encoded(integers values: [Int]) -> [UInt8] {
        func text(_ value: String) -> [UInt8] { [0x58] + little(value.utf8.count) + Array(value.utf8) }
        func little(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        func name(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }
        func number(_ value: Int) -> [UInt8] {
            [0x8a, 8] + (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        var bytes: [UInt8] = [0x80, 3]
        bytes += name("numpy.core.multiarray", "_reconstruct") + name("numpy", "ndarray")
        // _reconstruct(ndarray, (0,), b'b')
        bytes += [0x4b, 0, 0x85, 0x43, 1, 0x62, 0x87, 0x52]
        // The state: (1, shape, dtype, False, bytes), with dtype('i8', False, True) and its own state.
        bytes += [0x28, 0x4b, 1] + number(values.count) + [0x85]
        bytes += name("numpy", "dtype") + text("i8") + [0x89, 0x88, 0x87, 0x52]
        bytes += [0x28, 0x4b, 3] + text("<") + [0x4e, 0x4e, 0x4e]
        bytes += [0x4a] + little(-1) + [0x4a] + little(-1) + [0x4b, 0, 0x74, 0x62, 0x89]
        let count = 8 * values.count
        bytes += [0x8e] + (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
        bytes.reserveCapacity(bytes.count + count + 3)
        for value in values {
            for place in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * place))) }
        }
        return bytes + [0x74, 0x62, 0x2e]
    }
}
