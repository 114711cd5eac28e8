/// Steps through the opcodes of a pickle (protocols 2 to 5) and keeps its stack and memo.
struct PickleMachine {
    /// Holds the bytes.
    private let map: FileMap
    let bytes: UnsafeRawBufferPointer
    let file: String
    var place = 0
    var stack: [PickleValue] = []
    private var marks: [Int] = []
    /// The values kept so far that are recalled somewhere.
    private var memo: [Int: PickleValue] = [:]
    private var kept = 0
    private var longList: PickleList?
    private let recalls: PickleRecalls

    /// Values that the stack or the memo may hold. Pickles of arrays need a few dozen.
    private static let limit = 1 << 16
    /// Tuples within tuples. Deep ones would need as deep a stack to be given back.
    private static let depthLimit = 32

    init(_ map: FileMap) {
        (self.map, bytes, file) = (map, map.bytes, map.path)
        recalls = PickleRecalls(map.bytes)
    }

    mutating func run() throws(DataError) -> [NPYArray] {
        guard bytes.first == 0x80 else {
            throw DataError(
                file: file, at: .byte(0), "this is not a binary pickle",
                found: bytes.first.map { "byte \($0)" } ?? "an empty file",
                wanted: "protocol 2 to 5 (byte 128)", remedy: "Save it with pickle.dump in Python 3")
        }
        while true {
            let opcode = try byte()
            if opcode == UInt8(ascii: ".") { return try result(try pop()) }
            try step(opcode)
            guard stack.count <= Self.limit, memo.count <= Self.limit else {
                throw damaged("the pickle holds too many values", found: "more than \(Self.limit)")
            }
        }
    }

    private mutating func step(_ opcode: UInt8) throws(DataError) {
        switch opcode {
        case 0x80:
            let version = try byte()
            guard 2...5 ~= version else {
                throw damaged("this protocol of pickle is not known", found: "\(version)", wanted: "2 to 5")
            }
        case 0x95: _ = try length(8)
        case UInt8(ascii: "("):
            marks.append(stack.count)
            guard marks.count <= Self.limit else {
                throw damaged("the pickle holds too many values", found: "more than \(Self.limit)")
            }
        case UInt8(ascii: "0"): _ = try pop()
        case UInt8(ascii: "1"): _ = try popMark()
        case UInt8(ascii: "2"):
            let top = try pop()
            stack += [top, top]
        case UInt8(ascii: "q"): try keep(Int(try byte()))
        case UInt8(ascii: "r"): try keep(try number(4))
        case 0x94: try keep(kept)
        case UInt8(ascii: "h"): try recall(Int(try byte()))
        case UInt8(ascii: "j"): try recall(try number(4))
        case UInt8(ascii: "c"):
            let module = try line()
            try push(name: try line(), of: module)
        case 0x93:
            guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
                throw damaged("a name of the pickle is no text")
            }
            try push(name: string(name), of: string(module))
        case UInt8(ascii: "R"): stack.append(try called(try pop()))
        case UInt8(ascii: "b"): try build(try pop())
        default: try stepData(opcode)
        }
    }

    private mutating func stepData(_ opcode: UInt8) throws(DataError) {
        switch opcode {
        case UInt8(ascii: "N"): stack.append(.none)
        case 0x88: stack.append(.flag(true))
        case 0x89: stack.append(.flag(false))
        case UInt8(ascii: "K"): stack.append(.integer(Int(try byte())))
        case UInt8(ascii: "M"): stack.append(.integer(try number(2)))
        case UInt8(ascii: "J"):
            stack.append(.integer(Int(Int32(truncatingIfNeeded: try number(4)))))
        case 0x8a: stack.append(.integer(try long(Int(try byte()))))
        case UInt8(ascii: "G"):
            let big = try span(8).reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[$1]) }
            stack.append(.float(Double(bitPattern: big)))
        case 0x8c: stack.append(.text(try span(Int(try byte()))))
        case UInt8(ascii: "X"): stack.append(.text(try span(try length(4))))
        case 0x8d: stack.append(.text(try span(try length(8))))
        case UInt8(ascii: "C"): stack.append(.bytes(try span(Int(try byte()))))
        case UInt8(ascii: "B"): stack.append(.bytes(try span(try length(4))))
        case 0x8e, 0x96: stack.append(.bytes(try span(try length(8))))
        case UInt8(ascii: ")"): try push(tuple: [])
        case 0x85, 0x86, 0x87:
            let count = Int(opcode) - 0x84
            guard stack.count >= count else { throw damaged("the pickle's stack is too short") }
            let items = Array(stack.suffix(count))
            stack.removeLast(count)
            try push(tuple: items)
        case UInt8(ascii: "t"): try push(tuple: try popMark())
        case UInt8(ascii: "]"): stack.append(.list(PickleList()))
        case UInt8(ascii: "a"): try append([try pop()])
        case UInt8(ascii: "e"): try append(try popMark())
        default:
            place -= 1
            throw DataError(
                file: file, at: .byte(place), "this opcode has no place in a pickle of arrays",
                found: "byte \(opcode)", wanted: "arrays, numbers, tuples and lists of them",
                remedy: "Save the arrays alone, with pickle.dump or numpy.save")
        }
    }

    private mutating func push(tuple items: [PickleValue]) throws(DataError) {
        let tuple = PickleTuple(items)
        guard tuple.depth <= Self.depthLimit else {
            throw damaged("the pickle has tuples within too many tuples", found: "\(tuple.depth)")
        }
        stack.append(.tuple(tuple))
    }

    private mutating func push(name: String, of module: String) throws(DataError) {
        guard let known = PickleName(module: module, name: name) else {
            throw DataError(
                file: file, at: .byte(place), "the pickle names something that is not an array",
                found: "\(module).\(name)".prefix(120).description,
                wanted: "NumPy arrays alone; no code of a pickle is ever run here",
                remedy: "Save the values as NumPy arrays in Python")
        }
        stack.append(.name(known))
    }

    private mutating func append(_ items: [PickleValue]) throws(DataError) {
        guard case .list(let list)? = stack.last else { throw damaged("the pickle appends to no list") }
        for item in items {
            guard list.size(with: item) <= max(1 << 16, 2 * bytes.count) else {
                throw damaged("a list has many small numbers and a large one", found: item.kind)
            }
            // A pickle of use has one list of numbers; others get no room in advance.
            if longList == nil { longList = list }
            guard list.append(item, remaining: longList === list ? bytes.count - place : 0) else {
                throw damaged(
                    "a list of the pickle has \(item.kind) too many", found: "\(list.others.count) others",
                    wanted: "up to \(PickleList.limit) arrays, or whole numbers")
            }
        }
    }

    /// Keeps the stack's top; a pickle keeps its values in order, whichever opcode it uses.
    private mutating func keep(_ index: Int) throws(DataError) {
        let value = try top()
        kept += 1
        if recalls.contains(index) { memo[index] = value }
    }

    private mutating func recall(_ index: Int) throws(DataError) {
        guard let value = memo[index] else { throw damaged("the pickle recalls what it never kept") }
        stack.append(value)
    }
}

extension PickleMachine {
    mutating func pop() throws(DataError) -> PickleValue {
        guard let value = stack.popLast() else { throw damaged("the pickle's stack is empty") }
        return value
    }

    private func top() throws(DataError) -> PickleValue {
        guard let value = stack.last else { throw damaged("the pickle's stack is empty") }
        return value
    }

    private mutating func popMark() throws(DataError) -> [PickleValue] {
        guard let mark = marks.popLast(), mark <= stack.count else { throw damaged("a mark is missing") }
        let items = Array(stack[mark...])
        stack.removeLast(items.count)
        return items
    }

    private mutating func byte() throws(DataError) -> UInt8 {
        guard place < bytes.count else { throw damaged("the pickle is truncated") }
        place += 1
        return bytes[place - 1]
    }

    /// The next bytes, which are stepped over.
    private mutating func span(_ count: Int) throws(DataError) -> Range<Int> {
        guard count >= 0, count <= bytes.count - place else {
            throw damaged(
                "the pickle is truncated", found: "\(bytes.count - place) bytes", wanted: "\(count)")
        }
        place += count
        return place - count..<place
    }

    /// A little-endian number of up to four bytes.
    private mutating func number(_ width: Int) throws(DataError) -> Int {
        try span(width).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
    }

    /// A length: one that does not fit `Int` becomes the largest one, which no check lets pass.
    private mutating func length(_ width: Int) throws(DataError) -> Int {
        Int(clamping: try span(width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[$1]) })
    }

    /// A signed little-endian number.
    private mutating func long(_ width: Int) throws(DataError) -> Int {
        guard width <= 8 else {
            throw damaged("a number of the pickle is too large", found: "\(width) bytes")
        }
        let range = try span(width)
        guard let last = range.last else { return 0 }
        return range.reversed().reduce(bytes[last] & 0x80 == 0 ? 0 : -1) { $0 << 8 | Int(bytes[$1]) }
    }

    private mutating func line() throws(DataError) -> String {
        let end = bytes[place...].prefix(256).firstIndex(of: 0x0a)
        guard let end else { throw damaged("a name of the pickle has no end") }
        defer { place = end + 1 }
        return String(decoding: bytes[place..<end], as: UTF8.self)
    }

    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range].prefix(256), as: UTF8.self) }

    func damaged(_ problem: String, found: String? = nil, wanted: String? = nil) -> DataError {
        DataError(
            file: file, at: .byte(place), problem, found: found, wanted: wanted,
            remedy: "Copy or make the file again")
    }
}
