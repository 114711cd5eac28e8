extension STARText {
    /// Appends the places of a line's values, as long as there are no more than `most`.
    /// - Returns: how many values the line has, and the comment that ends it.
    @inline(__always)
    @discardableResult
    static func scanValues(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int,
        into values: inout [Range<Int>], most: Int = .max
    ) -> (count: Int, comment: Range<Int>?) {
        var place = start, count = 0
        // The end of a quote that nothing closes is looked for once a line, or a line of such quotes would
        // take its length squared.
        var (single, double) = (true, true)
        while true {
            while place < end, isBlank(bytes[place]) { place += 1 }
            if place == end { return (count, nil) }
            let first = place
            if bytes[place] == UInt8(ascii: "#") { return (count, first..<end) }
            let quote = bytes[place], isSingle = quote == UInt8(ascii: "'")
            if isQuote(quote), isSingle ? single : double {
                if let closed = closingQuote(bytes, place, end) {
                    place = closed + 1
                } else if isSingle {
                    single = false
                } else {
                    double = false
                }
            }
            if place == first {
                while place < end, !isBlank(bytes[place]) { place += 1 }
            }
            if values.count < most { values.append(first..<place) }
            count += 1
        }
    }

    /// The quote that ends a quoted value: the first of its kind before a blank or the line's end. Without
    /// one the quote is an ordinary character.
    private static func closingQuote(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
    ) -> Int? {
        var place = start + 1
        while place < end {
            if bytes[place] == bytes[start], place + 1 == end || isBlank(bytes[place + 1]) {
                return place
            }
            place += 1
        }
        return nil
    }

    /// Whether a value starts with a keyword, in any case as STAR has it.
    static func starts(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ keyword: StaticString
    ) -> Bool {
        guard range.count >= keyword.utf8CodeUnitCount else { return false }
        return (0..<keyword.utf8CodeUnitCount).allSatisfy {
            bytes[range.lowerBound + $0] | 0x20 == keyword.utf8Start[$0] | 0x20
        }
    }

    /// A finite decimal number, or nil. `nan`, `inf` and hexadecimal, which `Double` would take, are no
    /// numbers here.
    ///
    /// Up to 15 digits and powers of ten up to 22 are exact in a `Double`, and so is their product or
    /// quotient rounded once (Clinger, PLDI 1990); what is longer goes through `Double`.
    @inline(__always)
    static func double(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
        var place = 0, digits = 0, mantissa: UInt64 = 0, scale = 0
        let count = bytes.count
        guard count > 0 else { return nil }
        let isNegative = bytes[0] == UInt8(ascii: "-")
        if isNegative || bytes[0] == UInt8(ascii: "+") { place = 1 }
        let first = place
        while place < count, 0x30...0x39 ~= bytes[place] {
            mantissa = mantissa &* 10 &+ UInt64(bytes[place] & 0xf)
            place += 1
        }
        digits = place - first
        if place < count, bytes[place] == UInt8(ascii: ".") {
            place += 1
            let point = place
            while place < count, 0x30...0x39 ~= bytes[place] {
                mantissa = mantissa &* 10 &+ UInt64(bytes[place] & 0xf)
                place += 1
            }
            scale = place - point
            digits += scale
        }
        guard place == count, digits > 0, digits <= 15 else { return slowDouble(bytes) }
        let value = Double(mantissa) / powersOfTen[scale]
        return isNegative ? -value : value
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]

    private static func slowDouble(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "+"), UInt8(ascii: "e"), UInt8(ascii: "E"):
                continue
            default: return nil
            }
        }
        guard let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }
}
