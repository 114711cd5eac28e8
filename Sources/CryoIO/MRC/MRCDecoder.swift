/// Turns the stored values of an MRC file into `Float`.
enum MRCDecoder {
    /// - Parameters:
    ///   - source: at least `target.count` stored values; no alignment is asked, extended headers may have
    ///     any length.
    static func decode(
        _ source: UnsafeRawBufferPointer, mode: MRCHeader.Mode, byteOrder: MRCHeader.ByteOrder,
        into target: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(source.count >= target.count * mode.bytesPerValue)
        let little = byteOrder == .little
        switch mode {
        case .int8:
            for index in target.indices { target[index] = Float(Int8(bitPattern: source[index])) }
        case .int16:
            decode16(source, little, target) { Float(Int16(bitPattern: $0)) }
        case .uint16:
            decode16(source, little, target) { Float($0) }
        case .float16:
            decode16(source, little, target) { float(half: $0) }
        case .float32:
            for index in target.indices {
                let raw = source.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
                target[index] = Float(bitPattern: little ? UInt32(littleEndian: raw) : UInt32(bigEndian: raw))
            }
        }
    }

    @inline(__always)
    private static func decode16(
        _ source: UnsafeRawBufferPointer, _ little: Bool, _ target: UnsafeMutableBufferPointer<Float>,
        _ convert: (UInt16) -> Float
    ) {
        for index in target.indices {
            let raw = source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
            target[index] = convert(little ? UInt16(littleEndian: raw) : UInt16(bigEndian: raw))
        }
    }

    /// IEEE binary16 to binary32. Shifting the half's exponent and fraction into a float's fields gives the
    /// value divided by 2^112 (the difference of the exponent biases), for subnormal halves too.
    @inline(__always)
    static func float(half: UInt16) -> Float {
        let sign = UInt32(half & 0x8000) << 16
        let magnitude = UInt32(half & 0x7fff) << 13
        let isSpecial = half & 0x7c00 == 0x7c00
        let scaled = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
        return Float(bitPattern: sign | (isSpecial ? magnitude | 0x7f80_0000 : scaled))
    }
}
