/// Which values of the memo a pickle recalls, found before it is read. Python's pickles keep every value and
/// recall few of them, and a memo of all would take many times the file.
struct PickleRecalls {
    private var marked: [UInt64] = []

    /// Bytes after an opcode: a number of them, a length of so many bytes and what it tells, or two lines.
    private enum Argument {
        case bytes(Int)
        case counted(Int)
        case lines
    }

    init(_ bytes: UnsafeRawBufferPointer) {
        var place = 0
        func number(_ width: Int) -> Int? {
            guard width <= bytes.count - place else { return nil }
            let value = (0..<width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[place + $1]) }
            return Int(exactly: value)
        }
        // What is damaged ends the search; reading it tells the fault.
        while place < bytes.count {
            let opcode = bytes[place]
            place += 1
            if opcode == UInt8(ascii: ".") { return }
            if opcode == UInt8(ascii: "h"), let index = number(1) { mark(index, most: bytes.count) }
            if opcode == UInt8(ascii: "j"), let index = number(4) { mark(index, most: bytes.count) }
            switch Self.argument(opcode) {
            case .bytes(let length): place += length
            case .counted(let width):
                guard let length = number(width), length <= bytes.count - place - width else { return }
                place += width + length
            case .lines:
                for _ in 0..<2 {
                    while place < bytes.count, bytes[place] != 0x0a { place += 1 }
                    place += 1
                }
            }
        }
    }

    func contains(_ index: Int) -> Bool {
        index / 64 < marked.count && marked[index / 64] >> UInt64(index % 64) & 1 == 1
    }

    /// - Parameter most: there are no more values than the file has bytes.
    private mutating func mark(_ index: Int, most: Int) {
        guard index < most, !contains(index) else { return }
        while marked.count <= index / 64 { marked.append(0) }
        marked[index / 64] |= 1 << UInt64(index % 64)
    }

    private static func argument(_ opcode: UInt8) -> Argument {
        switch opcode {
        case UInt8(ascii: "q"), UInt8(ascii: "h"), UInt8(ascii: "K"), 0x80: .bytes(1)
        case UInt8(ascii: "M"): .bytes(2)
        case UInt8(ascii: "r"), UInt8(ascii: "j"), UInt8(ascii: "J"): .bytes(4)
        case UInt8(ascii: "G"), 0x95: .bytes(8)
        case 0x8a, 0x8c, UInt8(ascii: "C"): .counted(1)
        case UInt8(ascii: "X"), UInt8(ascii: "B"): .counted(4)
        case 0x8d, 0x8e, 0x96: .counted(8)
        case UInt8(ascii: "c"): .lines
        default: .bytes(0)
        }
    }
}
