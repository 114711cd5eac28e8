import Foundation

/// What random values are used for; streams of one seed are independent of each other.
public struct RandomStream: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// Random values addressed by (seed, stream, item, k).
///
/// A value depends on its address alone: it is the same whatever the block size, the order of work, the
/// number of
/// threads, and whether a run was interrupted.
public struct CounterRandom: Sendable {
    private let key: SIMD2<UInt32>

    /// The seed.
    public let seed: UInt64

    public init(seed: UInt64) {
        self.seed = seed
        key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    }

    @inline(__always)
    func block(_ stream: RandomStream, _ item: Int, _ index: Int) -> SIMD4<UInt32> {
        let item = UInt64(bitPattern: Int64(item))
        return Philox.block(
            SIMD4(
                UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: item),
                UInt32(truncatingIfNeeded: item >> 32), stream.rawValue), key: key)
    }

    /// 64 random bits.
    public func bits(_ stream: RandomStream, item: Int, _ k: Int) -> UInt64 {
        let b = block(stream, item, k / 2)
        return k % 2 == 0 ? UInt64(b[0]) << 32 | UInt64(b[1]) : UInt64(b[2]) << 32 | UInt64(b[3])
    }

    /// Uniform in [0, 1), 53 bits.
    public func uniform(_ stream: RandomStream, item: Int, _ k: Int) -> Double {
        Double(bits(stream, item: item, k) >> 11) * 0x1p-53
    }

    /// Uniform in [range.lowerBound, range.upperBound].
    public func uniform(_ stream: RandomStream, item: Int, _ k: Int, in range: ClosedRange<Double>) -> Double
    {
        range.lowerBound + (range.upperBound - range.lowerBound) * uniform(stream, item: item, k)
    }

    /// Standard normal (Box-Muller; each k has two uniforms of its own).
    public func normal(_ stream: RandomStream, item: Int, _ k: Int) -> Double {
        let u = 1 - uniform(stream, item: item, 2 * k)
        let v = uniform(stream, item: item, 2 * k + 1)
        return (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
    }

    /// Adds standard normal values to `values[offset ..< offset + count]`; value k belongs to (stream,
    /// item, k).
    public func addNormals(
        _ stream: RandomStream, item: Int, to values: inout [Float], offset: Int = 0, count: Int
    ) {
        precondition(offset >= 0 && offset + count <= values.count, "range outside the array")
        let unit = Float(0x1p-32)
        var k = 0
        while k < count {
            let b = block(stream, item, k / 4)
            var pair = 0
            while pair < 2 {
                let u = (Float(b[2 * pair]) + 0.5) * unit
                let angle = (Float(b[2 * pair + 1]) + 0.5) * unit * (2 * Float.pi)
                let radius = (-2 * log(min(u, 1))).squareRoot()
                let at = k + 2 * pair
                if at < count { values[offset + at] += radius * cos(angle) }
                if at + 1 < count { values[offset + at + 1] += radius * sin(angle) }
                pair += 1
            }
            k += 4
        }
    }

    /// A sequential generator over one stream and item, for algorithms that draw an unknown number of values.
    public func generator(_ stream: RandomStream, item: Int = 0) -> Generator {
        Generator(random: self, stream: stream, item: item)
    }

    /// The values k = 0, 1, 2 ... of one stream and item.
    public struct Generator: RandomNumberGenerator, Sendable {
        let random: CounterRandom
        let stream: RandomStream
        let item: Int
        var position = 0

        public mutating func next() -> UInt64 {
            defer { position += 1 }
            return random.bits(stream, item: item, position)
        }
    }
}
