import CryoEM
import Foundation

/// The random streams of a simulation.
extension RandomStream {
    static let model = RandomStream(rawValue: 0x5349_4D01)
    static let displacement = RandomStream(rawValue: 0x5349_4D02)
    static let order = RandomStream(rawValue: 0x5349_4D03)
    static let view = RandomStream(rawValue: 0x5349_4D04)
    static let shift = RandomStream(rawValue: 0x5349_4D05)
    static let micrograph = RandomStream(rawValue: 0x5349_4D06)
    static let defocus = RandomStream(rawValue: 0x5349_4D07)
    static let table = RandomStream(rawValue: 0x5349_4D08)
    static let noise = RandomStream(rawValue: 0x5349_4D09)
    static let poseError = RandomStream(rawValue: 0x5349_4D0A)
    static let shiftError = RandomStream(rawValue: 0x5349_4D0B)
    static let scale = RandomStream(rawValue: 0x5349_4D0C)
    static let assembly = RandomStream(rawValue: 0x5349_4D0D)
    static let breaking = RandomStream(rawValue: 0x5349_4D0E)
    static let linker = RandomStream(rawValue: 0x5349_4D0F)
}

/// Random places, for algorithms that draw an unknown number of them.
extension CounterRandom.Generator {
    /// Uniform in [0, 1).
    mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform on the unit sphere (Archimedes: the height of a uniform point is uniform).
    mutating func direction() -> SIMD3<Double> {
        let z = 2 * uniform() - 1
        let angle = 2 * Double.pi * uniform()
        let r = (1 - z * z).squareRoot()
        return SIMD3(r * cos(angle), r * sin(angle), z)
    }

    /// Uniform in the unit ball.
    mutating func pointInBall() -> SIMD3<Double> { direction() * cbrt(uniform()) }
}
