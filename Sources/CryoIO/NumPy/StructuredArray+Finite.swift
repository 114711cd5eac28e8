extension StructuredArray {
    /// Rows (from 0) in which a floating-point field has a value that is no finite number.
    public func rowsWithoutFiniteNumber(_ field: NPYField) -> [Int] {
        guard field.kind == .float, field.width == 4 || field.width == 8 else { return [] }
        // All ones in the exponent: infinity or NaN.
        let exponent: UInt64 = field.width == 4 ? 0x7f80_0000 : 0x7ff0_0000_0000_0000
        return bytes.withUnsafeBytes { raw in
            (0..<rowCount).filter { row in
                (0..<field.valuesPerRow).contains { k in
                    let place = start + row * rowLength + field.offset + k * field.width
                    let word = Self.word(raw, place, field.width, field.isBigEndian)
                    return word & exponent == exponent
                }
            }
        }
    }
}
