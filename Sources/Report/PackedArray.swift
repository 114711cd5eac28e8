import Foundation

/// Long columns of numbers as base64 of little-endian binary: about half the size of JSON text, and decoded
/// by the browser into a typed array without parsing numbers.
enum PackedArray {
    /// 32-bit floats, NaN included.
    static func floats(_ values: [Float]) -> JSONValue {
        packed("f32", values.map(\.bitPattern.littleEndian))
    }

    /// Bytes as they are.
    static func bytes(_ values: [UInt8]) -> JSONValue { packed("u8", values) }

    /// Row numbers.
    static func rows(_ values: [Int]) -> JSONValue {
        packed("u32", values.map { UInt32(clamping: $0).littleEndian })
    }

    /// Category numbers 0 ..< `categories`. Every other label becomes the greatest value of the type, which
    /// stands for "none".
    static func labels(_ values: [Int], categories: Int) -> JSONValue {
        if categories < Int(UInt8.max) {
            return packed("u8", values.map { (0..<categories).contains($0) ? UInt8($0) : .max })
        }
        let top = min(categories, Int(UInt16.max))
        return packed("u16", values.map { ((0..<top).contains($0) ? UInt16($0) : .max).littleEndian })
    }

    /// Values that only choose a colour or a place on a linear axis, at half the size of floats: 65,534 steps
    /// between the least and the greatest finite value, far below a pixel; 65,535 where there is no value.
    static func quantized(_ values: [Float]) -> JSONValue {
        var low = Float.infinity
        var high = -Float.infinity
        for value in values where value.isFinite {
            low = min(low, value)
            high = max(high, value)
        }
        guard low <= high else { return quantized(values, from: 0, to: 1) }
        return quantized(values, from: Double(low), to: Double(high))
    }

    private static func quantized(_ values: [Float], from low: Double, to high: Double) -> JSONValue {
        let steps = high > low ? 65_534 / (high - low) : 0
        let codes = values.map { value -> UInt16 in
            value.isFinite ? UInt16(((Double(value) - low) * steps).rounded()).littleEndian : .max
        }
        guard case .object(let members) = packed("u16", codes) else { return .null }
        return .object(members + [("low", .number(low)), ("high", .number(high))])
    }

    private static func packed<Element: FixedWidthInteger>(_ kind: String, _ values: [Element]) -> JSONValue {
        let base64 = values.withUnsafeBytes { Data($0).base64EncodedString() }
        return .object([("type", .plain(kind)), ("data", .plain(base64))])
    }
}
