#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a STAR file's characters mean, and numbers and words written so that they can be read back.
enum STARText {
    /// The longest line and the longest value that are taken, bytes.
    static let longest = 1 << 24 - 1

    /// Blanks between values; line feeds end lines and do not come here. A carriage return before one counts.
    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d ~= byte) }

    @inline(__always)
    static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }

    /// Whether text can stand in a STAR file as it is.
    static func isWord(_ text: String) -> Bool {
        guard let first = text.utf8.first, !isQuote(first), !"_#;$".utf8.contains(first) else { return false }
        return !text.utf8.contains(where: isBlank) && !isKeyword(text)
    }

    private static func isKeyword(_ text: String) -> Bool {
        let lower = text.lowercased()
        return lower.hasPrefix("data_") || lower == "loop_" || lower.hasPrefix("save_")
    }

    /// The text as it goes into a file: in quotes where it is empty, has blanks, or would read as something
    /// else.
    static func quotedIfNeeded(_ value: String, row: Int) throws(DataError) -> [UInt8] {
        if isWord(value) { return try checked(Array(value.utf8), row: row) }
        let bytes = Array(value.utf8)
        let lineEnds = bytes.contains(0x0a) || bytes.contains(0x0d)
        for quote in "\"'".utf8 where !lineEnds && !ends(quote, inside: bytes) {
            return try checked([quote] + bytes + [quote], row: row)
        }
        throw DataError(
            file: nil, at: .row(row), "the text cannot be written in a STAR file",
            found: value.debugDescription,
            wanted: "one line without both kinds of quotes", remedy: "Rename it")
    }

    /// Whether `quote` inside the text would be taken for the closing one, which a blank or the line's end
    /// follows.
    private static func ends(_ quote: UInt8, inside bytes: [UInt8]) -> Bool {
        bytes.indices.contains { bytes[$0] == quote && ($0 + 1 == bytes.count || isBlank(bytes[$0 + 1])) }
    }

    private static func checked(_ bytes: [UInt8], row: Int) throws(DataError) -> [UInt8] {
        if bytes.count <= longest { return bytes }
        throw DataError(
            file: nil, at: .row(row), "the text is too long for a STAR file", found: "\(bytes.count) bytes",
            wanted: "at most \(longest)", remedy: "Shorten it")
    }

    /// A number with `decimals` digits after the point, as RELION writes its columns.
    static func number(_ value: Double, decimals: Int) -> String {
        let digits = min(max(decimals, 0), 17)
        // The largest Double has 309 digits before the point.
        var buffer = [CChar](repeating: 0, count: 400)
        let length = withVaList([Int32(digits), value]) { vsnprintf(&buffer, buffer.count, "%.*f", $0) }
        return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
