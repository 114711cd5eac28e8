import Foundation

/// JSON and binary arrays in one answer: 300,000 points arrive as they lie in memory, not as text.
///
/// Layout: the length of the JSON as a little-endian 32-bit number, the JSON with spaces behind it up to a
/// multiple of 4 bytes, the arrays.
struct Packet {
    private(set) var bytes: Data

    init(_ facts: some Encodable) throws {
        var json = try ViewerJSON.encode(facts)
        json.append(contentsOf: [UInt8](repeating: 0x20, count: (4 - json.count % 4) % 4))
        bytes = withUnsafeBytes(of: UInt32(json.count).littleEndian) { Data($0) }
        bytes.append(json)
    }

    mutating func append(_ values: [Float]) {
        bytes.append(values.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) })
    }

    /// Numbers up to 65,535, which stands for "none"; more become it.
    mutating func append(categories values: [Int]) {
        let packed = values.map { UInt16(exactly: $0) ?? .max }.map(\.littleEndian)
        bytes.append(packed.withUnsafeBytes { Data($0) })
    }
}

enum ViewerJSON {
    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return try encoder.encode(value)
    }
}
