import CryoIO
import Foundation
import Torch

/// Shell correlation inside a mask, freed of what the mask itself correlates.
///
/// A mask smears noise over shells and makes half maps agree. Maps whose phases are random beyond some shell
/// show how much: `corrected = (masked - randomised) / (1 - randomised)` (Chen et al., Ultramicroscopy 135,
/// 2013).
public struct MaskedFSC: Sendable, Equatable, Codable {
    public let unmasked: FSC
    public let masked: FSC
    /// Of the masked maps with random phases.
    public let randomised: FSC
    /// `masked` up to two shells beyond `firstRandomShell`, then freed of `randomised`.
    public let corrected: FSC
    /// Phases are random from this shell on: where the unmasked curve first falls below 0.8.
    public let firstRandomShell: Int

    /// - Parameters:
    ///   - halves: two maps of one box.
    ///   - mask: of the same box, 0...1.
    ///   - seed: of the random phases.
    public init(_ halves: (DensityMap, DensityMap), mask: DensityMap, seed: UInt64 = 1) throws {
        unmasked = try FSC(halves.0, halves.1)
        masked = try FSC(halves.0, halves.1, mask: mask)
        let first = max(1, Int((unmasked.crossing(0.8) ?? Double(unmasked.side / 2)).rounded(.up)))
        let a = try Self.withRandomPhases(halves.0, half: 1, from: first, seed: seed)
        let b = try Self.withRandomPhases(halves.1, half: 2, from: first, seed: seed)
        let random = try FSC(a, b, mask: mask)
        let (t, n) = (masked.values, random.values)
        let values = t.indices.map { k in
            k < first + 2 ? t[k] : (n[k] >= 1 ? 0 : (t[k] - n[k]) / (1 - n[k]))
        }
        randomised = random
        corrected = FSC(values: values, side: masked.side, pixelSize: masked.pixelSize)
        firstRandomShell = first
    }

    /// The map with the phases of all frequencies from shell `first` on replaced by random ones; amplitudes
    /// stay.
    static func withRandomPhases(
        _ map: DensityMap, half: Int, from first: Int, seed: UInt64
    ) throws -> DensityMap {
        let n = map.side, shape = [n, n, n]
        let f = Tensor(map.values, shape: shape).rfftn([0, 1, 2])
        var angles = [Float](repeating: 0, count: n * n * (n / 2 + 1))
        let random = CounterRandom(seed: seed)
        for k in angles.indices { angles[k] = Float(2 * .pi * random.uniform(.phases, item: half, k)) }
        let phases = Tensor(angles, shape: [n, n, n / 2 + 1])
        let amplitude = (f.real().square() + f.imaginary().square()).squareRoot()
        let shells = RadialShells(side: n, dimensions: 3).index.to(.float32).reshape([n, n, n / 2 + 1])
        let isRandom = (shells > Double(first) - 0.5).to(.float32)
        // The inverse transform keeps the real part of what does not obey Friedel's law in the plane kx = 0.
        let mixed = f * (1 - isRandom) + Tensor.polar(amplitude, phases) * isRandom
        let values = try mixed.irfftn(shape, [0, 1, 2]).floats()
        return DensityMap(cube: values, side: n, pixelSize: map.pixelSize, origin: map.origin)
    }
}

extension RandomStream {
    /// Phases that take the place of a map's own.
    static let phases = RandomStream(rawValue: 0x7068_6173)
}
