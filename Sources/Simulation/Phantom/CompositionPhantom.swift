import CryoEM
import CryoIO

/// A complex whose parts are present or absent: a core and four parts of 150 to 700 beads at fixed places.
public struct CompositionPhantom: Sendable, Equatable, Codable {
    /// Compositions, 1...16, in the order of `absent(in:)`.
    public var states: Int
    public var seed: UInt64

    public init(states: Int = 6, seed: UInt64 = 20) {
        (self.states, self.seed) = (states, seed)
    }

    /// Beads and radius (A) of each part.
    static let parts: [(beads: Int, radius: Double)] = [(700, 24), (450, 21), (280, 18), (150, 15)]
    static let core: (beads: Int, radius: Double) = (1600, 36)

    /// The parts that are absent in a state: none in the first, then the binary digits of its number, so that
    /// small and large parts are missing alone and together.
    static func absent(in state: Int) -> [Int] { parts.indices.filter { state >> $0 & 1 == 1 } }

    /// - Throws: `DataError` for a number of states out of range.
    public func ensemble() throws(DataError) -> Ensemble {
        guard (1...1 << Self.parts.count).contains(states) else {
            throw DataError(
                file: nil, "the compositions cannot be made", found: "\(states) states",
                wanted: "1...\(1 << Self.parts.count)")
        }
        var generator = CounterRandom(seed: seed).generator(.assembly)
        let core = SelfAvoidingWalk(
            count: Self.core.beads, in: [.init(centre: .zero, radius: Self.core.radius)],
            generator: &generator
        ).beads
        // Corners of a tetrahedron, turned at random.
        let turn = Rotation(degrees: 360 * generator.uniform(), about: generator.direction())
        let corners: [SIMD3<Double>] = [
            SIMD3(1, 1, 1), SIMD3(1, -1, -1), SIMD3(-1, 1, -1), SIMD3(-1, -1, 1),
        ]
        let parts = zip(Self.parts, corners).map { part, corner in
            let centre = turn * (corner / corner.length) * (Self.core.radius + 0.75 * part.radius)
            return SelfAvoidingWalk(
                count: part.beads, in: [.init(centre: centre, radius: part.radius)], generator: &generator
            ).beads
        }
        var models: [AtomModel] = []
        for state in 0..<states {
            let gone = Self.absent(in: state)
            let beads = core + parts.indices.filter { !gone.contains($0) }.flatMap { parts[$0] }
            models.append(try AtomModel(positions: beads, weights: Array(repeating: 1, count: beads.count)))
        }
        var ensemble = try Ensemble(
            states: models,
            names: models.indices.map { state in
                let gone = Self.absent(in: state).map { "\($0)" }.joined(separator: ", ")
                return gone.isEmpty ? "whole" : "without \(gone)"
            },
            provenance: ["phantom": "composition", "states": "\(states)", "model seed": "\(seed)"])
        ensemble.centre()
        return ensemble
    }
}
