import Foundation

extension AtomicFile {
    /// Writes a value as JSON for people and programs: on many lines, keys sorted.
    /// - Throws: `DataError` where the value has no form in JSON, such as a number that is not finite, and as
    ///   the other `write`s.
    public static func write(json value: some Encodable, to path: String) throws(DataError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes: Data
        do { bytes = try encoder.encode(value) } catch {
            throw DataError(file: path, "it cannot be written as JSON", found: "\(error)")
        }
        try write(bytes + [UInt8(ascii: "\n")], to: path)
    }
}
