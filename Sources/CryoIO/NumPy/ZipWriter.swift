/// Writes a zip archive of stored entries, with 64-bit fields where a size or place needs them.
///
/// Times are the earliest that the format has, so that equal contents give equal archives.
struct ZipWriter {
    private let file: AtomicFileWriter
    private var directory: [UInt8] = []
    private var count = 0

    /// Sizes and places from here on go to 64-bit fields.
    private let wide: Int

    /// The value of a 32-bit field whose true value stands in a 64-bit field elsewhere.
    private static let elsewhere = 0xffff_ffff

    /// - Parameter wide: smaller values than the format's own let tests write 64-bit fields into small
    ///   archives.
    init(path: String, wide: Int = elsewhere) throws(DataError) {
        file = try AtomicFileWriter(path: path)
        self.wide = wide
    }

    mutating func add(_ name: String, _ data: [UInt8]) throws(DataError) {
        guard name.utf8.count <= 0xffff else {
            file.cancel()
            throw DataError(
                file: file.path, "the name of an array is too long", found: "\(name.utf8.count) bytes",
                wanted: "at most 65535", remedy: "Choose a shorter name")
        }
        let offset = file.count
        let checksum = CRC32.checksum(data)
        try file.write(header(name, size: data.count, checksum: checksum, offset: nil))
        try file.write(data)
        directory += header(name, size: data.count, checksum: checksum, offset: offset)
        count += 1
    }

    mutating func finish() throws(DataError) {
        let start = file.count
        try file.write(directory)
        if count >= 0xffff || start >= wide || directory.count >= wide {
            let record = file.count
            var bytes =
                little(0x0606_4b50, 4) + little(44, 8) + little(45, 2) + little(45, 2)
            bytes += little(0, 8) + little(count, 8) + little(count, 8)
            bytes += little(directory.count, 8) + little(start, 8)
            bytes +=
                little(0x0706_4b50, 4) + little(0, 4) + little(record, 8) + little(1, 4)
            try file.write(bytes)
        }
        let entries = little(min(count, 0xffff), 2)
        var bytes = little(0x0605_4b50, 4) + little(0, 4) + entries + entries
        bytes += little(narrow(directory.count), 4) + little(narrow(start), 4)
        bytes += little(0, 2)
        try file.write(bytes)
        try file.finish()
    }

    /// The header before an entry's data or, where there is an offset, its entry in the central directory.
    private func header(_ name: String, size: Int, checksum: UInt32, offset: Int?) -> [UInt8] {
        let values = (size >= wide ? [size, size] : []) + [offset ?? 0].filter { $0 >= wide }
        let extra =
            values.isEmpty
            ? [] : little(1, 2) + little(8 * values.count, 2) + values.flatMap { little($0, 8) }
        let version = little(values.isEmpty ? 20 : 45, 2)
        var bytes = offset == nil ? little(0x0403_4b50, 4) : little(0x0201_4b50, 4) + version
        // Flag 0x800: the name is UTF-8. Method 0: stored. Time 0, date 0x21: 1 January 1980.
        bytes += version + little(0x800, 2) + little(0, 2) + little(0, 2) + little(0x21, 2)
        bytes += little(Int(checksum), 4) + little(narrow(size), 4) + little(narrow(size), 4)
        bytes += little(name.utf8.count, 2) + little(extra.count, 2)
        if let offset { bytes += [UInt8](repeating: 0, count: 10) + little(narrow(offset), 4) }
        return bytes + Array(name.utf8) + extra
    }

    private func narrow(_ value: Int) -> Int { value >= wide ? Self.elsewhere : value }

    private func little(_ value: Int, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
