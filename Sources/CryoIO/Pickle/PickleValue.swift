/// A value on the stack of a pickle. What can be long is a place in the file or an object, so that a value
/// takes a few words.
enum PickleValue {
    case none
    case flag(Bool)
    case integer(Int)
    case float(Double)
    case text(Range<Int>)
    case bytes(Range<Int>)
    /// Bytes that protocol 2 keeps as text, one character each.
    case latin(Range<Int>)
    case tuple(PickleTuple)
    case list(PickleList)
    case name(PickleName)
    case type(PickleType)
    case array(PickleArray)

    /// How many tuples and lists lie within one another here.
    var depth: Int {
        switch self {
        case .tuple(let tuple): tuple.depth
        case .list: 1
        default: 0
        }
    }

    /// What errors call it.
    var kind: String {
        switch self {
        case .none: "None"
        case .flag: "a truth value"
        case .integer, .float: "a number"
        case .text: "a text"
        case .bytes, .latin: "bytes"
        case .tuple: "a tuple"
        case .list: "a list"
        case .name(let name): name.rawValue
        case .type: "a type"
        case .array: "an array"
        }
    }
}

/// The functions and classes that pickles of arrays name. They are understood, never called.
enum PickleName: String, CaseIterable {
    case reconstruct = "numpy.core.multiarray._reconstruct"
    case scalar = "numpy.core.multiarray.scalar"
    case fromBuffer = "numpy.core.numeric._frombuffer"
    case ndarray = "numpy.ndarray"
    case dtype = "numpy.dtype"
    case encode = "_codecs.encode"

    /// NumPy 2 renamed `numpy.core` to `numpy._core`.
    init?(module: String, name: String) {
        let old = module.hasPrefix("numpy._core.") ? "numpy.core." + module.dropFirst(12) : module
        self.init(rawValue: old + "." + name)
    }
}

/// A tuple and how deep tuples lie in it.
final class PickleTuple {
    let items: [PickleValue]
    let depth: Int

    init(_ items: [PickleValue]) {
        self.items = items
        depth = 1 + (items.map(\.depth).max() ?? 0)
    }
}

/// `numpy.dtype`, whose byte order comes after it was made.
final class PickleType {
    let code: String
    var isBigEndian: Bool

    init(code: String, isBigEndian: Bool) { (self.code, self.isBigEndian) = (code, isBigEndian) }
}

/// `numpy.ndarray`, whose values come after it was made.
final class PickleArray {
    var array: NPYArray?

    init(_ array: NPYArray? = nil) { self.array = array }
}
