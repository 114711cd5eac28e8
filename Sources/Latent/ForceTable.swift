/// A smooth positive function of a squared distance, as a line on each of 128 pieces an octave.
///
/// UMAP's forces need a power for every pair; a look-up by the leading bits of the number takes a fraction of
/// that time, and its error, below 1e-4 of the value, is far below the noise of the descent.
struct ForceTable {
    /// Intercept and slope of every piece.
    private let pieces: Storage<Float>

    /// The table starts here; arguments below are not allowed.
    static let least: Float = 0x1p-40
    private static let octaves = 80
    /// Bits of the mantissa that number the pieces of an octave.
    private static let fineBits = 7
    private static let shift = UInt32(Float.significandBitCount - fineBits)
    private static let last = octaves << fineBits - 1

    /// - Parameter value: the function, smooth on 2^-40 ... 2^40; beyond, the last piece goes on
    init(_ value: (Double) -> Double) {
        pieces = Storage(repeating: 0, count: 2 * (Self.last + 1))
        for piece in 0...Self.last {
            let left = Double(Self.start(piece))
            let right = Double(Self.start(piece + 1))
            let slope = (value(right) - value(left)) / (right - left)
            pieces.base[2 * piece] = Float(value(left) - slope * left)
            pieces.base[2 * piece + 1] = Float(slope)
        }
    }

    private static func start(_ piece: Int) -> Float {
        Float(bitPattern: least.bitPattern + UInt32(piece) << shift)
    }

    @inline(__always)
    func callAsFunction(_ square: Float) -> Float {
        let number = Int((square.bitPattern &- Self.least.bitPattern) &>> Self.shift)
        let piece = 2 &* (number < Self.last ? number : Self.last)
        return pieces.base[piece] + pieces.base[piece &+ 1] * square
    }
}
