/// Finds the stored entries of a zip archive, with 64-bit sizes where the archive has them.
///
/// Follows the central directory (APPNOTE.TXT 6.3, sections 4.3 and 4.5.3), since only it is sure to have the
/// sizes.
struct ZipReader {
    struct Entry {
        var name: String
        /// The entry's bytes in the archive.
        var data: Range<Int>
    }

    let bytes: [UInt8]
    let file: String

    /// Every entry that is not a folder, checked against its checksum.
    func entries() throws(DataError) -> [Entry] {
        var (count, offset) = try directory()
        var entries: [Entry] = []
        while count > 0 {
            try need(46, at: offset)
            guard number(offset, 4) == 0x0201_4b50 else { throw damaged(at: offset, "no directory entry") }
            let lengths = (
                name: number(offset + 28, 2), extra: number(offset + 30, 2), comment: number(offset + 32, 2)
            )
            let next = offset + 46 + lengths.name + lengths.extra + lengths.comment
            try need(next - offset, at: offset)
            let name = String(decoding: bytes[offset + 46..<offset + 46 + lengths.name], as: UTF8.self)
            if !name.hasSuffix("/") {
                try checkStored(name, offset)
                let data = try location(offset, extra: offset + 46 + lengths.name..<next - lengths.comment)
                guard CRC32.checksum(bytes[data]) == UInt32(number(offset + 16, 4)) else {
                    throw damaged(at: data.lowerBound, "wrong checksum of \(name)")
                }
                entries.append(Entry(name: name, data: data))
            }
            offset = next
            count -= 1
        }
        return entries
    }

    private func checkStored(_ name: String, _ offset: Int) throws(DataError) {
        guard number(offset + 8, 2) & 1 == 0, number(offset + 10, 2) == 0 else {
            throw DataError(
                file: file, at: .byte(offset), "entry \(name) of the archive is compressed or encrypted",
                found: "compression method \(number(offset + 10, 2))", wanted: "stored arrays",
                remedy: "Save it with numpy.savez, not numpy.savez_compressed")
        }
    }

    /// Number of entries and place of the central directory.
    private func directory() throws(DataError) -> (count: Int, offset: Int) {
        // The end record has 22 bytes and a comment of up to 65535.
        let last = bytes.count - 22
        let end =
            last < 0 ? nil : (max(0, last - 65535)...last).reversed().first { number($0, 4) == 0x0605_4b50 }
        guard let end else {
            throw DataError(
                file: file, "this is not an .npz archive, or it is truncated", found: "\(bytes.count) bytes",
                wanted: "a zip archive written by numpy.savez", remedy: "Copy or make the file again")
        }
        let (count, offset) = (number(end + 10, 2), number(end + 16, 4))
        guard count == 0xffff || offset == 0xffff_ffff, end >= 20, number(end - 20, 4) == 0x0706_4b50 else {
            return (count, offset)
        }
        let record = number(end - 12, 8)
        try need(56, at: record)
        guard number(record, 4) == 0x0606_4b50 else { throw damaged(at: record, "no 64-bit end record") }
        return (number(record + 32, 8), number(record + 48, 8))
    }

    /// The entry's bytes; sizes that do not fit 32 bits stand in the extra field 1 in a fixed order.
    private func location(_ offset: Int, extra: Range<Int>) throws(DataError) -> Range<Int> {
        var wide = wideField(extra)
        var values: [Int] = []
        for place in [offset + 24, offset + 20, offset + 42] {
            let value = number(place, 4)
            if value == 0xffff_ffff {
                guard wide.count >= 8 else { throw damaged(at: offset, "no 64-bit size") }
                values.append(number(wide.lowerBound, 8))
                wide = wide.lowerBound + 8..<wide.upperBound
            } else {
                values.append(value)
            }
        }
        let (size, stored, header) = (values[0], values[1], values[2])
        guard size == stored else { throw damaged(at: offset, "two sizes of a stored entry") }
        try need(30, at: header)
        guard number(header, 4) == 0x0403_4b50 else { throw damaged(at: header, "no entry") }
        let start = header + 30 + number(header + 26, 2) + number(header + 28, 2)
        try need(size, at: start)
        return start..<start + size
    }

    private func wideField(_ extra: Range<Int>) -> Range<Int> {
        var place = extra.lowerBound
        while place + 4 <= extra.upperBound {
            let end = place + 4 + number(place + 2, 2)
            if number(place, 2) == 1, end <= extra.upperBound { return place + 4..<end }
            place = end
        }
        return extra.upperBound..<extra.upperBound
    }

    /// A little-endian number; callers have checked that it lies inside the archive. Those of 64 bits that
    /// are too large for `Int` become the largest one, which no check lets pass.
    private func number(_ offset: Int, _ width: Int) -> Int {
        let value = (0..<width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[offset + $1]) }
        return Int(clamping: value)
    }

    private func need(_ count: Int, at offset: Int) throws(DataError) {
        guard offset >= 0, offset <= bytes.count, count >= 0, count <= bytes.count - offset else {
            throw damaged(at: offset, "\(count) bytes beyond the end")
        }
    }

    private func damaged(at offset: Int, _ what: String) -> DataError {
        DataError(
            file: file, at: .byte(offset), "the archive is damaged", found: what,
            remedy: "Copy or make the file again")
    }
}
