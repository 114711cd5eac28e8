/// The header of a `.npy` file (NumPy enhancement proposal 1): format version, then a Python dictionary of
/// `descr`, `fortran_order` and `shape`.
struct NPYHeader: Equatable {
    /// What an element is: a plain value such as `<f4`, or a record of named fields.
    enum Element: Equatable {
        case plain(String)
        case record([NPYHeaderScanner.Field])
    }

    /// What errors call an array of this kind.
    var kind: String {
        switch element {
        case .plain(let code): "an array \(shape) of type \(code)"
        case .record: "an array \(shape) of records"
        }
    }

    var element: Element
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
        switch descr {
        case .text(let code): element = .plain(code)
        case .fields(let fields): element = .record(fields)
        case .flag, .numbers:
            throw DataError(
                file: file, at: .byte(prefix), "the array's header does not tell the type of its values",
                wanted: "descr", remedy: "Save the array with numpy.save")
        }
    }

    /// The type of a plain array and whether its bytes are in big-endian order.
    func plainType(file: String) throws(DataError) -> (NPYArray.Element, isBigEndian: Bool) {
        let known = NPYArray.Element.allCases.map(\.rawValue).joined(separator: ", ")
        guard case .plain(let code) = element else {
            throw DataError(
                file: file, at: .byte(10), "the array has named fields where one of plain numbers is wanted",
                wanted: "one of the types \(known)", remedy: "Save each field as an array of its own")
        }
        guard let order = code.first, "<>|=".contains(order),
            let element = NPYArray.Element(rawValue: String(code.dropFirst()))
        else {
            throw DataError(
                file: file, at: .byte(10), "the array has a type that cannot be read", found: "'\(code)'",
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
