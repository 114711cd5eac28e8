import CryoEM
import CryoIO
import Foundation

/// A dumbbell complex with discrete conformations, after the paper's synthetic NEXT set: two different
/// globular lobes on a thin two-stranded bridge along x; in state 0 nothing is displaced, in the others each
/// lobe is shifted by 5...20 A and turned by up to 25 degrees against the bridge.
public struct DumbbellPhantom: Sendable, Equatable, Codable {
    /// Conformations, including the undisplaced one; at least 1.
    public var states: Int
    /// Times the shifts and turns of the states; 0 makes all states equal.
    public var motion: Double
    public var seed: UInt64
    /// Pseudo-atoms in each lobe.
    public var beadsPerLobe: Int

    public init(states: Int = 8, motion: Double = 1, seed: UInt64 = 20, beadsPerLobe: Int = 1500) {
        self.states = states
        self.motion = motion
        self.seed = seed
        self.beadsPerLobe = beadsPerLobe
    }

    /// Distance of a lobe's centre from the middle of the bridge, Angstrom.
    static let lobeDistance = 58.0
    /// Beads in each strand of the bridge.
    static let bridgeBeads = 42

    /// The size of a lobe's displacement in one state.
    struct Displacement: Equatable {
        /// Angstrom.
        var shift: Double
        /// Degrees.
        var angle: Double
    }

    /// State 0 rests. The shifts of the others grow evenly from 5 to 20 A; their turns are spread evenly over
    /// 4...25 degrees and dealt out in a fixed mixed order, so that the two measures of a state are not one.
    func displacements() -> [Displacement] {
        let moving = states - 1
        guard moving > 0 else { return [Displacement(shift: 0, angle: 0)] }
        let steps = Double(max(moving - 1, 1))
        let order = (0..<moving).sorted { Self.mixing($0) < Self.mixing($1) }
        var rank = [Int](repeating: 0, count: moving)
        for (position, index) in order.enumerated() { rank[index] = position }
        return [Displacement(shift: 0, angle: 0)]
            + (0..<moving).map { i in
                let angle = moving == 1 ? 25 : 4 + 21 * Double(rank[i]) / steps
                let shift = moving == 1 ? 12 : 5 + 15 * Double(i) / steps
                return Displacement(shift: shift * motion, angle: angle * motion)
            }
    }

    /// The golden-ratio sequence: an even, well mixed order of any length.
    private static func mixing(_ i: Int) -> Double {
        (0.9 + Double(i) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1)
    }

    /// The conformations, state i with coordinate i/(states - 1).
    /// - Throws: `DataError` if a setting is out of its range.
    public func ensemble() throws(DataError) -> Ensemble {
        guard states >= 1, states <= 1000, beadsPerLobe >= 1, beadsPerLobe <= 100_000, motion.isFinite else {
            throw DataError(
                file: nil, "the dumbbell phantom cannot be made",
                found: "\(states) states, \(beadsPerLobe) beads a lobe, motion \(motion)",
                wanted: "1...1000 states, 1...100000 beads, a finite motion")
        }
        let random = CounterRandom(seed: seed)
        var shape = random.generator(.model)
        let lobes = [-1.0, 1.0].map { sign in
            Lobe(centre: SIMD3(sign * Self.lobeDistance, 0, 0), beads: beadsPerLobe, generator: &shape)
        }
        let bridge = Self.bridge()
        var models: [AtomModel] = []
        for (state, size) in displacements().enumerated() {
            var way = random.generator(.displacement, item: state)
            var positions = bridge
            var residues = Array(repeating: AtomModel.Residue(chain: "B", number: 1), count: bridge.count)
            for (index, lobe) in lobes.enumerated() {
                positions += lobe.moved(size, generator: &way)
                residues += Array(
                    repeating: .init(chain: index == 0 ? "L" : "R", number: 1), count: lobe.beads.count)
            }
            models.append(
                try AtomModel(
                    positions: positions, weights: Array(repeating: 1, count: positions.count),
                    residues: residues))
        }
        return try Ensemble(
            states: models,
            provenance: [
                "phantom": "dumbbell", "states": "\(states)", "motion": "\(motion)", "model seed": "\(seed)",
                "beads per lobe": "\(beadsPerLobe)",
            ])
    }

    /// Two strands of helix (rise 1.5 A, 100 degrees a residue, radius 2.3 A) coiled about the x axis at 4.9
    /// A.
    private static func bridge() -> [SIMD3<Double>] {
        (0..<2).flatMap { strand in
            (0..<bridgeBeads).map { i in
                let turn = radians(100 * Double(i) + 180 * Double(strand))
                let coil = radians(4 * Double(i) + 180 * Double(strand))
                return SIMD3(
                    1.5 * (Double(i) - Double(bridgeBeads - 1) / 2), 2.3 * cos(turn) + 4.9 * cos(coil),
                    2.3 * sin(turn) + 4.9 * sin(coil))
            }
        }
    }

    private static func radians(_ degrees: Double) -> Double { degrees * .pi / 180 }
}

/// One end of the dumbbell: a ball of 20 A and five smaller ones about it, filled by a self-avoiding walk.
private struct Lobe {
    let centre: SIMD3<Double>
    let beads: [SIMD3<Double>]

    init(centre: SIMD3<Double>, beads count: Int, generator: inout CounterRandom.Generator) {
        self.centre = centre
        var spheres = [SelfAvoidingWalk.Sphere(centre: centre, radius: 20)]
        for _ in 0..<5 {
            let offset = generator.direction() * (12 + 8 * generator.uniform())
            spheres.append(.init(centre: centre + offset, radius: 15 + 7 * generator.uniform()))
        }
        beads = SelfAvoidingWalk(count: count, in: spheres, generator: &generator).beads
    }

    /// The beads displaced in a random direction, mostly sideways: along the bridge never inwards, where the
    /// lobe would run into it, and outwards at a reduced share, where it would leave the box.
    func moved(
        _ size: DumbbellPhantom.Displacement, generator: inout CounterRandom.Generator
    ) -> [SIMD3<Double>] {
        var way = generator.direction()
        way.x = 0.4 * abs(way.x) * (centre.x < 0 ? -1 : 1)
        way /= way.length
        let turn = Rotation(degrees: size.angle, about: generator.direction())
        return beads.map { turn * ($0 - centre) + centre + way * size.shift }
    }
}
