/// A list that is still being filled: of whole numbers, or of other values but lists and tuples.
final class PickleList {
    private(set) var others: [PickleValue] = []
    /// Number of whole numbers.
    private(set) var count = 0
    /// The whole numbers, little-endian, in the narrowest type that holds all so far: a small one has two
    /// bytes in the file and would take eight as `Int`.
    private var bytes: [UInt8] = []
    private var element = NPYArray.Element.uint8

    /// Values that are no numbers; lists of arrays need a few.
    static let limit = 1 << 16

    /// - Parameter remaining: bytes of the file from which more numbers may come, for which room is kept so
    ///   that the list need not be copied as it grows.
    /// - Returns: whether the value could be added: no list or tuple, and no other value beyond the limit.
    func append(_ value: PickleValue, remaining: Int) -> Bool {
        if case .integer(let number) = value, others.isEmpty {
            let wanted = Self.element(for: number)
            if wanted.bytesPerValue > element.bytesPerValue || bytes.isEmpty {
                widen(to: wanted, remaining: remaining)
            }
            add(number)
            return true
        }
        guard value.depth == 0, others.count < Self.limit else { return false }
        others.append(value)
        return true
    }

    /// The whole numbers as an array.
    var array: NPYArray { NPYArray(shape: [count], element: element, bytes: bytes) }

    /// Bytes that the numbers would take with one more.
    func size(with value: PickleValue) -> Int {
        guard case .integer(let number) = value else { return bytes.count }
        let wanted = Self.element(for: number).bytesPerValue, now = element.bytesPerValue
        // Both copies are there while they are made wider.
        return wanted > now ? count * (now + wanted) : bytes.count + now
    }

    private static func element(for number: Int) -> NPYArray.Element {
        if UInt8(exactly: number) != nil { return .uint8 }
        return Int32(exactly: number) != nil ? .int32 : .int64
    }

    private func add(_ number: Int) {
        for place in 0..<element.bytesPerValue {
            bytes.append(UInt8(truncatingIfNeeded: number >> (8 * place)))
        }
        count += 1
    }

    private func widen(to wanted: NPYArray.Element, remaining: Int) {
        let narrow = array
        element = wanted
        bytes = []
        // Bytes that a number of that width takes in the file.
        let stored = [1: 2, 4: 3][wanted.bytesPerValue] ?? 7
        bytes.reserveCapacity((narrow.count + 1 + remaining / stored) * wanted.bytesPerValue)
        count = 0
        narrow.forEachInteger(add)
    }
}
