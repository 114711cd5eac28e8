import Foundation

/// A small repeatable generator (SplitMix64; Steele, Lea and Flood 2014). Equal seeds give equal values on
/// every machine.
public struct RandomSource: RandomNumberGenerator, Sendable {
    private var state: UInt64
    private var spareNormal: Double?

    public init(seed: UInt64) {
        state = seed
    }

    /// The stream that belongs to a pair of counters, so that work split over threads draws the same values
    /// whoever does it.
    init(seed: UInt64, _ first: UInt64, _ second: UInt64) {
        state = Self.mix(
            Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15 &* (first &+ 1)) &+ 0xD1B5_4A32_D192_ED03 &* (second &+ 1))
    }

    @inline(__always)
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in [0, 1), 53 bits.
    public mutating func uniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// Uniform in `0..<bound`; `bound` is positive.
    public mutating func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// Mean 0, variance 1 (Box and Muller 1958).
    public mutating func normal() -> Double {
        if let spare = spareNormal {
            spareNormal = nil
            return spare
        }
        let radius = (-2 * log(1 - uniform())).squareRoot()
        let angle = 2 * Double.pi * uniform()
        spareNormal = radius * sin(angle)
        return radius * cos(angle)
    }

    /// `count` different indices of `0..<bound` in ascending order.
    mutating func sample(_ count: Int, below bound: Int) -> [Int] {
        var picked: [Int] = []
        picked.reserveCapacity(count)
        for i in 0..<bound where below(bound - i) < count - picked.count { picked.append(i) }
        return picked
    }
}
