import CryoIO

/// The tokens of a CIF file (CIF 1.1 syntax): words, quoted values, text fields between semicolons; comments
/// fall out.
struct CIFTokens {
    struct Token {
        var text: String
        /// 1-based line on which the token begins.
        var line: Int
        /// Quoted values and text fields are never keywords or tags.
        var isQuoted: Bool
    }

    private let bytes: [UInt8]
    private let file: String
    private var position = 0
    private var line = 1

    init(_ bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
    }

    private static let newline = UInt8(ascii: "\n")

    private func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }

    /// The next token, or nil at the end of the file.
    mutating func next() throws(DataError) -> Token? {
        skipBlanks()
        guard position < bytes.count else { return nil }
        let first = bytes[position]
        let startsLine = position == 0 || bytes[position - 1] == Self.newline
        if first == UInt8(ascii: ";") && startsLine { return try textField() }
        if first == UInt8(ascii: "'") || first == UInt8(ascii: "\"") { return try quoted(first) }
        let start = position
        while position < bytes.count, !isBlank(bytes[position]) { position += 1 }
        return Token(
            text: String(decoding: bytes[start..<position], as: UTF8.self), line: line, isQuoted: false)
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "#") {
                while position < bytes.count, bytes[position] != Self.newline { position += 1 }
            } else if isBlank(bytes[position]) {
                if bytes[position] == Self.newline { line += 1 }
                position += 1
            } else {
                return
            }
        }
    }

    /// A quote ends where the same mark is followed by a blank; marks inside words belong to the value
    /// ("O5'").
    private mutating func quoted(_ mark: UInt8) throws(DataError) -> Token {
        let start = position + 1
        position = start
        while position < bytes.count, bytes[position] != Self.newline {
            let ends = position + 1 == bytes.count || isBlank(bytes[position + 1])
            if bytes[position] == mark && ends {
                let text = String(decoding: bytes[start..<position], as: UTF8.self)
                position += 1
                return Token(text: text, line: line, isQuoted: true)
            }
            position += 1
        }
        throw DataError(file: file, at: .line(line), "a quoted value is not closed")
    }

    private mutating func textField() throws(DataError) -> Token {
        let first = line
        position += 1
        let start = position
        while position < bytes.count {
            if bytes[position] == Self.newline {
                line += 1
                if position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: ";") {
                    let text = String(decoding: bytes[start..<position], as: UTF8.self)
                    position += 2
                    return Token(text: text, line: first, isQuoted: true)
                }
            }
            position += 1
        }
        throw DataError(
            file: file, at: .line(first), "a text field is not closed", wanted: "a line that begins with ;")
    }
}
