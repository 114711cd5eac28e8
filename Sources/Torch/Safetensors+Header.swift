import Foundation

/// The header of a safetensors file: what it says of each tensor, checked against the file's length and
/// against itself.
struct SafetensorsHeader {
    struct Entry {
        let name: String, dtype: DType, shape: [Int]
        /// Bytes in the data that follow the header.
        let range: Range<Int>
    }

    /// In the order of the data.
    let entries: [Entry]
    let metadata: [String: String]
    /// Where the data starts in the file.
    let dataStart: Int

    /// The tensors have to fill the data, without gap or overlap, as the format demands.
    init(_ file: Data) throws(SafetensorsDamage) {
        guard file.count >= 8 else { throw SafetensorsDamage("it has \(file.count) bytes") }
        let length = file.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(file.count - 8) else {
            throw SafetensorsDamage(
                "its header claims \(length) bytes, the file has \(file.count - 8) after the length")
        }
        dataStart = 8 + Int(length)
        let text = file[file.startIndex.advanced(by: 8)..<file.startIndex.advanced(by: dataStart)]
        guard text.first == UInt8(ascii: "{"), let object = try? JSONSerialization.jsonObject(with: text),
            let header = object as? [String: Any]
        else { throw SafetensorsDamage("its header is not JSON") }

        var found: [Entry] = []
        for (key, value) in header where key != "__metadata__" { found.append(try Entry(key, value)) }
        found.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
        var end = 0
        for entry in found {
            guard entry.range.lowerBound == end else {
                throw SafetensorsDamage(
                    "\(entry.name) starts at byte \(entry.range.lowerBound) of the data, wanted \(end)")
            }
            end = entry.range.upperBound
        }
        guard end == file.count - dataStart else {
            throw SafetensorsDamage("its tensors take \(end) bytes, the file holds \(file.count - dataStart)")
        }
        switch header["__metadata__"] {
        case nil: metadata = [:]
        case let texts as [String: String]: metadata = texts
        default: throw SafetensorsDamage("its metadata is not text")
        }
        entries = found
    }
}

extension SafetensorsHeader.Entry {
    init(_ key: String, _ value: Any) throws(SafetensorsDamage) {
        guard let entry = value as? [String: Any], let type = entry["dtype"] as? String,
            let sides = entry["shape"] as? [Any], let ends = entry["data_offsets"] as? [Any], ends.count == 2
        else { throw SafetensorsDamage("the entry of \(key) is not valid") }
        guard let dtype = Safetensors.names.first(where: { $0.1 == type })?.0 else {
            throw SafetensorsDamage("\(key) has the unknown type \(type)")
        }
        func whole(_ number: Any) throws(SafetensorsDamage) -> Int {
            guard let number = number as? NSNumber, let whole = Int(exactly: number), whole >= 0 else {
                throw SafetensorsDamage("the entry of \(key) has the size \(number), wanted a whole number")
            }
            return whole
        }
        var shape: [Int] = []
        for side in sides { shape.append(try whole(side)) }
        let (start, end) = (try whole(ends[0]), try whole(ends[1]))
        guard start <= end, let bytes = dtype.bytes(of: shape), bytes == end - start else {
            throw SafetensorsDamage("\(key) is \(type) \(shape) in bytes \(start) to \(end)")
        }
        (name, self.dtype, self.shape, range) = (key, dtype, shape, start..<end)
    }
}

/// What is wrong with a file.
struct SafetensorsDamage: Error {
    let what: String
    init(_ what: String) { self.what = what }
}
