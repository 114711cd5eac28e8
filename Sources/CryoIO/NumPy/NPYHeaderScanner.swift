/// Reads the Python dictionary literal of an `.npy` header.
struct NPYHeaderScanner {
    enum Value: Equatable {
        case text(String)
        case flag(Bool)
        case numbers([Int])
        case fields([Field])
    }

    /// An entry of a structured type: `('ctf/tilt_A', '<f4', (2,))`.
    struct Field: Equatable {
        var name: String
        var code: String
        var shape: [Int]
    }

    private var text: ArraySlice<UInt8>

    init(text: ArraySlice<UInt8>) { self.text = text }

    /// The dictionary, or nil where the text is malformed.
    mutating func dictionary() -> [String: Value]? {
        var entries: [String: Value] = [:]
        guard take("{") else { return nil }
        while !take("}") {
            guard let key = quoted(), take(":"), let value = value() else { return nil }
            entries[key] = value
            if !take(",") {
                guard take("}") else { return nil }
                return entries
            }
        }
        return entries
    }

    private mutating func value() -> Value? {
        if take("True") { return .flag(true) }
        if take("False") { return .flag(false) }
        if take("[") { return fields().map { .fields($0) } }
        if take("(") { return numbers().map { .numbers($0) } }
        return quoted().map { .text($0) }
    }

    private mutating func fields() -> [Field]? {
        var fields: [Field] = []
        while !take("]") {
            guard take("("), let name = quoted(), take(","), let code = quoted() else { return nil }
            var field = Field(name: name, code: code, shape: [])
            if take(","), take("(") {
                guard let shape = numbers() else { return nil }
                field.shape = shape
                _ = take(",")
            }
            guard take(")") else { return nil }
            fields.append(field)
            if !take(",") { return take("]") ? fields : nil }
        }
        return fields
    }

    private mutating func numbers() -> [Int]? {
        var numbers: [Int] = []
        while !take(")") {
            let digits = text.prefix { 0x30...0x39 ~= $0 }
            guard let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
            text = text.dropFirst(digits.count)
            numbers.append(number)
            // Python 2 marked long integers.
            _ = take("L")
            if !take(",") { return take(")") ? numbers : nil }
        }
        return numbers
    }

    private mutating func quoted() -> String? {
        skipBlanks()
        // Python 2 marked Unicode text.
        if text.first == UInt8(ascii: "u") { text = text.dropFirst() }
        guard let quote = text.first, STARText.isQuote(quote) else { return nil }
        let rest = text.dropFirst()
        guard let end = rest.firstIndex(of: quote) else { return nil }
        text = rest[(end + 1)...]
        return String(decoding: rest[..<end], as: UTF8.self)
    }

    /// Steps over `token` where it comes next, and over the blanks around it.
    private mutating func take(_ token: String) -> Bool {
        skipBlanks()
        guard text.starts(with: token.utf8) else { return false }
        text = text.dropFirst(token.utf8.count)
        skipBlanks()
        return true
    }

    private mutating func skipBlanks() {
        text = text.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
    }
}
