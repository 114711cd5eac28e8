/// The header of a `.npy` file (NumPy enhancement proposal 1): format version, then a Python dictionary of
/// `descr`, `fortran_order` and `shape`.
struct NPYHeader: Equatable {
    var element: NPYArray.Element
    var isBigEndian: Bool
    var isFortranOrder: Bool
    var shape: [Int]
    /// Byte of the first value.
    var dataOffset: Int

    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    init(bytes: ArraySlice<UInt8>, file: String) throws(DataError) {
        let start = bytes.startIndex
        guard bytes.count >= 10, bytes.starts(with: Self.magic) else {
            throw DataError(
                file: file, at: .byte(0), "this is not a NumPy array",
                found: "\(bytes.prefix(6).map { $0 })", wanted: "a file written by numpy.save",
                remedy: "Give an .npy file")
        }
        let version = bytes[start + 6]
        let prefix = version == 1 ? 10 : 12
        guard 1...3 ~= version, bytes.count >= prefix else {
            throw DataError(
                file: file, at: .byte(6), "this version of the .npy format is not known", found: "\(version)",
                wanted: "1, 2 or 3", remedy: "Save the array with numpy.save")
        }
        let length = (8..<prefix).reversed().reduce(0) { $0 << 8 | Int(bytes[start + $1]) }
        guard bytes.count - prefix >= length else {
            throw DataError(
                file: file, at: .byte(8), "the array's header is truncated", found: "\(bytes.count) bytes",
                wanted: "\(prefix + length)", remedy: "Copy or make the file again")
        }
        dataOffset = prefix + length
        var scanner = NPYHeaderScanner(text: bytes[(start + prefix)..<(start + dataOffset)])
        guard let fields = scanner.dictionary(), let descr = fields["descr"],
            case .flag(let fortran)? = fields["fortran_order"], case .numbers(let shape)? = fields["shape"]
        else {
            throw DataError(
                file: file, at: .byte(prefix), "the array's header cannot be read",
                found: String(
                    decoding: bytes[(start + prefix)..<(start + dataOffset)].prefix(120), as: UTF8.self),
                wanted: "descr, fortran_order and shape", remedy: "Save the array with numpy.save")
        }
        isFortranOrder = fortran
        self.shape = shape
        (element, isBigEndian) = try Self.type(descr, file: file, at: prefix)
    }

    private static func type(
        _ descr: NPYHeaderScanner.Value, file: String, at offset: Int
    ) throws(DataError) -> (NPYArray.Element, Bool) {
        let known = NPYArray.Element.allCases.map(\.rawValue).joined(separator: ", ")
        guard case .text(let code) = descr else {
            throw DataError(
                file: file, at: .byte(offset), "the array has named fields, which cannot be read here",
                wanted: "one of the types \(known)", remedy: "Save each field as an array of its own")
        }
        guard let order = code.first, "<>|=".contains(order),
            let element = NPYArray.Element(rawValue: String(code.dropFirst()))
        else {
            throw DataError(
                file: file, at: .byte(offset), "the array has a type that cannot be read", found: "'\(code)'",
                wanted: "one of \(known)", remedy: "Convert it with astype before saving")
        }
        return (element, order == ">")
    }

    /// The header that `numpy.save` writes for a C-ordered little-endian array, padded so that values start
    /// at a multiple of 64 bytes.
    static func encoded(element: NPYArray.Element, shape: [Int]) -> [UInt8] {
        let order = element.bytesPerValue == 1 ? "|" : "<"
        let lengths = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        let text = "{'descr': '\(order)\(element.rawValue)', 'fortran_order': False, 'shape': (\(lengths)), }"
        let padding = (64 - (10 + text.utf8.count + 1) % 64) % 64
        let length = text.utf8.count + padding + 1
        return magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + Array(text.utf8)
            + [UInt8](repeating: UInt8(ascii: " "), count: padding) + [UInt8(ascii: "\n")]
    }
}

/// Reads the Python dictionary literal of an `.npy` header.
struct NPYHeaderScanner {
    enum Value: Equatable {
        case text(String)
        case flag(Bool)
        case numbers([Int])
        /// A list: the named fields of a structured array, left unread.
        case list
    }

    private var text: ArraySlice<UInt8>

    init(text: ArraySlice<UInt8>) { self.text = text }

    /// The dictionary, or nil where the text is malformed.
    mutating func dictionary() -> [String: Value]? {
        var fields: [String: Value] = [:]
        guard take("{") else { return nil }
        while !take("}") {
            guard let key = quoted(), take(":"), let value = value() else { return nil }
            fields[key] = value
            // Nothing after a structured type is needed to refuse it, and fortran_order precedes nothing that
            // is.
            if value == .list {
                return ["descr": .list, "fortran_order": .flag(false), "shape": .numbers([])]
            }
            if !take(",") {
                guard take("}") else { return nil }
                return fields
            }
        }
        return fields
    }

    private mutating func value() -> Value? {
        if take("True") { return .flag(true) }
        if take("False") { return .flag(false) }
        if take("[") { return .list }
        if take("(") { return numbers().map { .numbers($0) } }
        return quoted().map { .text($0) }
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
