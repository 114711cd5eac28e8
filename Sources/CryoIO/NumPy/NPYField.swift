/// A named field of a NumPy structured array, such as `('alignments3D/pose', '<f4', (3,))`.
public struct NPYField: Sendable, Equatable {
    /// What the bytes of a value mean, by NumPy's letters.
    public enum Kind: Character, Sendable, CaseIterable {
        case bool = "b"
        case signed = "i"
        case unsigned = "u"
        case float = "f"
        /// Text of one byte a character, filled with zeros.
        case bytes = "S"
        /// Text of four bytes a character, filled with zeros.
        case unicode = "U"
        /// Bytes without meaning here: padding, complex numbers, dates.
        case opaque = "V"
    }

    public let name: String
    public let kind: Kind
    /// Bytes of one value.
    public let width: Int
    public let isBigEndian: Bool
    /// Shape of the values in one row; empty for a single value.
    public let shape: [Int]
    /// Byte of the field in a row.
    public let offset: Int
    /// Values in one row.
    public let valuesPerRow: Int

    /// Bytes of the field in one row.
    public var byteCount: Int { width * valuesPerRow }

    /// - Returns: nil for a type that is not one of plain bytes, such as Python objects, or is too large.
    init?(_ field: NPYHeaderScanner.Field, offset: Int) {
        var code = field.code[...]
        guard let order = code.first else { return nil }
        if "<>|=".contains(order) { code = code.dropFirst() }
        guard let letter = code.popFirst(), let (kind, unit) = Self.type(of: letter) else { return nil }
        // Dates have their unit after the width: M8[s].
        let digits = code.prefix { $0.isASCII && $0.isNumber }
        let isDate = letter == "M" || letter == "m"
        guard letter == "?" ? code.isEmpty : !digits.isEmpty, isDate || digits == code,
            let count = letter == "?" ? 1 : Int(digits), let width = checkedProduct(count, unit),
            Self.widths(of: kind).contains(width)
        else { return nil }
        var values: Int? = 1
        for length in field.shape { values = values.flatMap { checkedProduct($0, length) } }
        guard let values, let bytes = checkedProduct(values, width), bytes < 1 << 40 else { return nil }
        name = field.name
        self.kind = kind
        self.width = width
        isBigEndian = order == ">"
        shape = field.shape
        self.offset = offset
        valuesPerRow = values
    }

    /// The kind that a letter stands for, and bytes of one unit of the number after it.
    private static func type(of letter: Character) -> (Kind, unit: Int)? {
        switch letter {
        case "U": (.unicode, 4)
        case "S", "a": (.bytes, 1)
        case "?": (.bool, 1)
        case "c", "M", "m", "V": (.opaque, 1)
        default: Kind(rawValue: letter).map { ($0, 1) }
        }
    }

    private static func widths(of kind: Kind) -> ClosedRange<Int> {
        switch kind {
        case .bool: 1...1
        case .signed, .unsigned: 1...8
        case .float: 2...16
        case .bytes, .unicode, .opaque: 0...(1 << 24)
        }
    }
}
