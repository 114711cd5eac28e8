/// An array of a NumPy `.npy` file.
public struct NPYArray: Sendable, Equatable {
    /// Element types that can be read and written.
    public enum Element: String, Sendable, CaseIterable {
        case float32 = "f4"
        case float64 = "f8"
        case int32 = "i4"
        case int64 = "i8"
        case uint8 = "u1"
        case bool = "b1"

        public var bytesPerValue: Int {
            switch self {
            case .uint8, .bool: 1
            case .float32, .int32: 4
            case .float64, .int64: 8
            }
        }
    }

    /// Lengths of the axes, the last one fastest; empty for a scalar.
    public let shape: [Int]
    public let element: Element
    /// Little-endian values in C order.
    let bytes: [UInt8]

    /// Number of values.
    public var count: Int { bytes.count / element.bytesPerValue }

    init(shape: [Int], element: Element, bytes: [UInt8]) {
        self.shape = shape
        self.element = element
        self.bytes = bytes
    }

    /// - Throws: `DataError` where `values` does not have one value for each place of `shape`; so the others.
    public init(shape: [Int], floats values: [Float]) throws(DataError) {
        try self.init(shape: shape, element: .float32, words: values.map(\.bitPattern))
    }

    public init(shape: [Int], doubles values: [Double]) throws(DataError) {
        try self.init(shape: shape, element: .float64, words: values.map(\.bitPattern))
    }

    public init(shape: [Int], int32 values: [Int32]) throws(DataError) {
        try self.init(shape: shape, element: .int32, words: values)
    }

    public init(shape: [Int], integers values: [Int]) throws(DataError) {
        try self.init(shape: shape, element: .int64, words: values.map { Int64($0) })
    }

    public init(shape: [Int], uint8 values: [UInt8]) throws(DataError) {
        try self.init(shape: shape, element: .uint8, words: values)
    }

    public init(shape: [Int], bools values: [Bool]) throws(DataError) {
        try self.init(shape: shape, element: .bool, words: values.map { UInt8($0 ? 1 : 0) })
    }

    private init<Word: FixedWidthInteger>(shape: [Int], element: Element, words: [Word]) throws(DataError) {
        guard shape.allSatisfy({ $0 >= 0 }), shape.reduce(1, *) == words.count else {
            throw DataError(
                file: nil, "an array does not have the size of its shape", found: "\(words.count) values",
                wanted: "shape \(shape)", remedy: "Give one value for each place")
        }
        let little = words.map(\.littleEndian)
        self.init(shape: shape, element: element, bytes: little.withUnsafeBytes { Array($0) })
    }
}

extension NPYArray {
    /// The values as `Float`; 64-bit values are rounded.
    public func floats() -> [Float] {
        switch element {
        case .float32: words(UInt32.self) { Float(bitPattern: $0) }
        case .float64: words(UInt64.self) { Float(Double(bitPattern: $0)) }
        case .int32: words(Int32.self) { Float($0) }
        case .int64: words(Int64.self) { Float($0) }
        case .uint8, .bool: words(UInt8.self) { Float($0) }
        }
    }

    /// The values as `Double`.
    public func doubles() -> [Double] {
        switch element {
        case .float32: words(UInt32.self) { Double(Float(bitPattern: $0)) }
        case .float64: words(UInt64.self) { Double(bitPattern: $0) }
        case .int32: words(Int32.self) { Double($0) }
        case .int64: words(Int64.self) { Double($0) }
        case .uint8, .bool: words(UInt8.self) { Double($0) }
        }
    }

    /// The values as `Int`; booleans are 0 and 1.
    /// - Throws: `DataError` where a value of a floating-point array is not whole.
    public func integers() throws(DataError) -> [Int] {
        switch element {
        case .int32: return words(Int32.self) { Int($0) }
        case .int64: return words(Int64.self) { Int($0) }
        case .uint8, .bool: return words(UInt8.self) { Int($0) }
        case .float32, .float64:
            var result: [Int] = []
            for (index, value) in doubles().enumerated() {
                guard let whole = Int(exactly: value) else {
                    throw DataError(
                        file: nil, "value \(index) of an array is not a whole number", found: "\(value)",
                        wanted: "whole numbers", remedy: "Save the array with an integer type")
                }
                result.append(whole)
            }
            return result
        }
    }

    /// Calls `body` with each value of an array of whole numbers or truth values.
    func forEachInteger(_ body: (Int) -> Void) {
        switch element {
        case .int32: forEachWord(Int32.self) { body(Int($0)) }
        case .int64: forEachWord(Int64.self) { body(Int($0)) }
        case .uint8, .bool: forEachWord(UInt8.self) { body(Int($0)) }
        case .float32, .float64: preconditionFailure("not an array of whole numbers")
        }
    }

    private func forEachWord<Word: FixedWidthInteger>(_: Word.Type, _ body: (Word) -> Void) {
        bytes.withUnsafeBytes { raw in
            for index in 0..<count {
                let offset = index * MemoryLayout<Word>.size
                body(Word(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: Word.self)))
            }
        }
    }

    /// Whether each value differs from zero.
    public func bools() -> [Bool] { doubles().map { $0 != 0 } }

    private func words<Word: FixedWidthInteger, Value>(_: Word.Type, _ convert: (Word) -> Value) -> [Value] {
        bytes.withUnsafeBytes { raw in
            (0..<count).map { index in
                let offset = index * MemoryLayout<Word>.size
                return convert(Word(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: Word.self)))
            }
        }
    }
}
