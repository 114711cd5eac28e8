import CryoEM
import CryoIO
import Foundation

extension Ensemble {
    /// States along one motion.
    ///
    /// Moves that are all full turns of 360 degrees close a circle: state i of n has i/n of the turn, and its
    /// position is the point (cos, sin) of it. Other moves are walked from end to end: i/(n - 1) of them,
    /// which is the position.
    /// - Throws: `DataError` for fewer than two states and moves that cannot be applied in part.
    public init(
        _ model: AtomModel, along path: StateMove, states: Int, scale: Double = 1,
        provenance: [String: String] = [:]
    ) throws(DataError) {
        try Self.need(states >= 2, "a family along a move", states)
        guard !path.moves.contains(where: \.removes) else {
            throw DataError(
                file: nil, "a part cannot be removed little by little", found: path.text,
                wanted: "turns and shifts", remedy: "Give removals with --move")
        }
        let closes = scale == 1 && path.moves.allSatisfy { abs($0.angle) == 360 && $0.shift == .zero }
        var models: [AtomModel] = []
        var positions: [[Double]] = []
        for state in 0..<states {
            let share = Double(state) / Double(closes ? states : states - 1)
            models.append(try path.applied(to: model, scale: share * scale))
            let turn = 2 * Double.pi * share
            positions.append(closes ? [cos(turn), sin(turn)] : [share])
        }
        var provenance = provenance
        (provenance["family"], provenance["motion"]) = (path.text, "\(scale)")
        try self.init(states: models, positions: positions, provenance: provenance)
        centre()
    }

    /// States drawn at random: every move `rotate=ANGLE@any` becomes a turn of up to ANGLE degrees about any
    /// axis, uniform in the ball of rotation vectors, and a shift one in any direction up to its length. A
    /// state's position is its rotation vectors in units of the largest angle. States in which moved parts
    /// run into the rest are drawn again.
    /// - Throws: `DataError` where no free place is found.
    public init(
        _ model: AtomModel, random family: StateMove, states: Int, scale: Double = 1, seed: UInt64,
        provenance: [String: String] = [:]
    ) throws(DataError) {
        try Self.need(states >= 2, "a random family", states)
        let largest = family.moves.map(\.angle).max() ?? 0
        guard family.moves.allSatisfy(\.isRandom), largest > 0 else {
            throw DataError(
                file: nil, "a random family wants moves with a turn about any axis", found: family.text,
                wanted: "SELECTION:rotate=DEGREES@any for each part")
        }
        let random = CounterRandom(seed: seed)
        var models: [AtomModel] = []
        var positions: [[Double]] = []
        for state in 0..<states {
            var generator = random.generator(.linker, item: state)
            var found: (AtomModel, [Double])?
            for _ in 0..<200 where found == nil {
                let drawn = family.moves.map { $0.drawn(scale: scale, &generator) }
                var moved = model
                for move in drawn { moved = try move.applied(to: moved) }
                var overlap = 0.0
                for move in drawn { overlap = max(overlap, try Overlap(of: move.selection, in: moved).share) }
                if overlap < 0.02 {
                    found = (moved, drawn.flatMap { Self.row($0.axis * $0.angle / (largest * scale)) })
                }
            }
            guard let found else {
                throw DataError(
                    file: nil, "no free place for the moved parts of state \(state) in 200 draws",
                    found: family.text, remedy: "Give a smaller angle")
            }
            models.append(found.0)
            positions.append(found.1)
        }
        var provenance = provenance
        (provenance["random family"], provenance["motion"]) = (family.text, "\(scale)")
        provenance["model seed"] = "\(seed)"
        try self.init(states: models, positions: positions, provenance: provenance)
        centre()
    }

    private static func row(_ v: SIMD3<Double>) -> [Double] { [v.x, v.y, v.z] }

    private static func need(_ holds: Bool, _ what: String, _ found: Int) throws(DataError) {
        guard holds, found <= 100_000 else {
            throw DataError(
                file: nil, "\(what) has too few or too many states", found: "\(found)", wanted: "2...100000")
        }
    }
}

extension RigidMove {
    /// One turn and shift of a random move.
    fileprivate func drawn(scale: Double, _ generator: inout CounterRandom.Generator) -> RigidMove {
        let turn = generator.pointInBall()
        let way = generator.pointInBall()
        var move = self
        move.isRandom = false
        move.axis = turn / max(turn.length, .leastNormalMagnitude)
        move.angle = angle * scale * turn.length
        move.shift = way * (shift.length * scale)
        return move
    }
}
