import CryoIO

/// MRC files made byte by byte, without the code under test.
struct MRCBytes {
    var columns = 1
    var rows = 1
    var sections = 1
    var mode = 2
    var isBig = false
    var cell: [Float] = [0, 0, 0]
    var intervals: [Int]?
    var start = [0, 0, 0]
    var axes = [1, 2, 3]
    var origin: [Float] = [0, 0, 0]
    var spaceGroup = 1
    var extendedHeader: [UInt8] = []
    var stamp: [UInt8]?
    var mark = Array("MAP ".utf8)
    var data: [UInt8] = []

    var bytes: [UInt8] {
        var header = [UInt8](repeating: 0, count: 1024)
        func put(_ word: UInt32, _ place: Int) {
            for (index, byte) in ordered(word).enumerated() { header[place + index] = byte }
        }
        func put(_ integers: [Int], _ place: Int) {
            for (index, value) in integers.enumerated() {
                put(UInt32(bitPattern: Int32(value)), place + 4 * index)
            }
        }
        func put(_ reals: [Float], _ place: Int) {
            for (index, value) in reals.enumerated() { put(value.bitPattern, place + 4 * index) }
        }
        put([columns, rows, sections, mode], 0)
        put(start, 16)
        put(intervals ?? [columns, rows, sections], 28)
        put(cell, 40)
        put(axes, 64)
        put([spaceGroup, extendedHeader.count], 88)
        put(origin, 196)
        header.replaceSubrange(208..<212, with: mark)
        header.replaceSubrange(212..<216, with: stamp ?? (isBig ? [0x11, 0x11, 0, 0] : [0x44, 0x44, 0, 0]))
        return header + extendedHeader + data
    }

    /// A word in the file's byte order.
    func ordered<Word: FixedWidthInteger>(_ word: Word) -> [UInt8] {
        let width = Word.bitWidth / 8
        let little = (0..<width).map { UInt8(truncatingIfNeeded: word >> Word(8 * $0)) }
        return isBig ? little.reversed() : little
    }

    /// Stored values of any mode from small whole numbers.
    func encoded(_ values: [Int]) -> [UInt8] {
        values.flatMap { value in
            switch mode {
            case 0: [UInt8(bitPattern: Int8(value))]
            case 1: ordered(UInt16(bitPattern: Int16(value)))
            case 2: ordered(Float(value).bitPattern)
            case 6: ordered(UInt16(value))
            default: ordered(half(value))
            }
        }
    }

    /// The binary16 of a whole number up to 2048, where each is exact: sign, exponent, and the bits below the
    /// leading one.
    private func half(_ value: Int) -> UInt16 {
        guard value != 0 else { return 0 }
        let exponent = Int.bitWidth - 1 - value.magnitude.leadingZeroBitCount
        let fraction = UInt16(value.magnitude << (10 - exponent) & 0x3ff)
        return (value < 0 ? 0x8000 : 0) | UInt16(exponent + 15) << 10 | fraction
    }
}

/// The `DataError` that a body throws, or nil.
func dataError(_ body: () throws -> Void) -> DataError? {
    do {
        try body()
        return nil
    } catch {
        return error as? DataError
    }
}
