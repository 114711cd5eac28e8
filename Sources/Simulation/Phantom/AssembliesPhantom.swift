import CryoEM
import CryoIO

/// Many different structures: assemblies of balls of beads in different numbers, sizes and places, as in a
/// sample of several complexes.
public struct AssembliesPhantom: Sendable, Equatable, Codable {
    /// Structures, 1...1000.
    public var states: Int
    public var seed: UInt64

    public init(states: Int = 16, seed: UInt64 = 20) {
        (self.states, self.seed) = (states, seed)
    }

    /// Cubic Angstrom of ball for one bead.
    static let volumePerBead = 110.0
    /// Angstrom from the first ball's centre to another's, at most.
    static let extent = 62.0

    /// The structures, each centred on its own centre of mass.
    /// - Throws: `DataError` for a number of states out of range.
    public func ensemble() throws(DataError) -> Ensemble {
        guard (1...1000).contains(states) else {
            throw DataError(
                file: nil, "the assemblies cannot be made", found: "\(states) states", wanted: "1...1000")
        }
        let random = CounterRandom(seed: seed)
        var models: [AtomModel] = []
        for state in 0..<states {
            var generator = random.generator(.assembly, item: state)
            let balls = Self.balls(&generator)
            let volume = balls.reduce(0) { $0 + 4 / 3 * Double.pi * $1.radius * $1.radius * $1.radius }
            let beads = min(3000, max(300, Int(volume / Self.volumePerBead)))
            let walk = SelfAvoidingWalk(count: beads, in: balls, generator: &generator)
            let model = try AtomModel(
                positions: walk.beads, weights: Array(repeating: 1, count: walk.beads.count))
            models.append(model.centred(on: model.centreOfMass))
        }
        return try Ensemble(
            states: models, names: models.indices.map { "assembly \($0)" },
            provenance: ["phantom": "assemblies", "states": "\(states)", "model seed": "\(seed)"])
    }

    /// Three to eight balls of 13...26 A, each touching one that is there already.
    private static func balls(_ generator: inout CounterRandom.Generator) -> [SelfAvoidingWalk.Sphere] {
        var balls = [SelfAvoidingWalk.Sphere(centre: .zero, radius: 13 + 13 * generator.uniform())]
        let count = 3 + Int(generator.uniform() * 6)
        while balls.count < count {
            let neighbour = balls[Int(generator.uniform() * Double(balls.count))]
            let radius = 13 + 13 * generator.uniform()
            let way = 0.8 * (neighbour.radius + radius)
            let centre = neighbour.centre + generator.direction() * way
            if centre.length <= extent { balls.append(.init(centre: centre, radius: radius)) }
        }
        return balls
    }
}
