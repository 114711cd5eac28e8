import CryoEM
import CryoIO

/// One part of a molecule turned and shifted as a rigid body.
///
/// Text form: `SELECTION:ACTION[:ACTION...]`, with the actions
///
///     rotate=DEGREES@AXIS   right-handed turn; AXIS is x, y, z or a direction such as 1,0,2; `any` where
///                           the turn is drawn at random (`RandomFamily`)
///     hinge=SELECTION       the turn is about the centre of mass of these atoms
///     about=X,Y,Z           the turn is about this point, in Angstrom, in the file's coordinates
///     shift=X,Y,Z           displacement in Angstrom, after the turn
///
/// Without `hinge` or `about` the turn is about the centre of mass of the moved part. A part may be removed
/// instead: `SELECTION:remove`. Example: `H,L:rotate=25@x:shift=0,10,0`.
public struct RigidMove: Sendable, Equatable {
    public enum Pivot: Sendable, Equatable {
        case centreOfMass
        case point(SIMD3<Double>)
        case centre(of: AtomSelection)
    }

    public var selection: AtomSelection
    /// Degrees; right-handed about `axis`.
    public var angle: Double
    /// Unit vector.
    public var axis: SIMD3<Double>
    public var pivot: Pivot
    /// Angstrom.
    public var shift: SIMD3<Double>
    /// The part is absent instead of moved.
    public var removes: Bool
    /// The turn is drawn at random, up to `angle` about any axis.
    public var isRandom = false

    public init(
        _ selection: AtomSelection, angle: Double = 0, axis: SIMD3<Double> = SIMD3(0, 0, 1),
        pivot: Pivot = .centreOfMass, shift: SIMD3<Double> = .zero, removes: Bool = false
    ) {
        self.selection = selection
        self.angle = angle
        self.axis = axis / max(axis.length, .leastNormalMagnitude)
        self.pivot = pivot
        self.shift = shift
        self.removes = removes
    }

    /// The model with this move applied, the angle and the shift times `scale`.
    /// - Throws: `DataError` if a selection finds no atom or nothing is left.
    public func applied(to model: AtomModel, scale: Double = 1) throws(DataError) -> AtomModel {
        guard !isRandom else {
            throw DataError(
                file: nil, "a turn about any axis is no single move",
                found: "\(selection):rotate=\(angle)@any",
                remedy: "Give it with --random, which draws one turn a state")
        }
        let chosen = try selection.indices(in: model)
        if removes { return try removing(chosen, from: model) }
        let centre: SIMD3<Double>
        switch pivot {
        case .centreOfMass: centre = model.centre(of: chosen)
        case .point(let point): centre = point
        case .centre(let other): centre = model.centre(of: try other.indices(in: model))
        }
        var moved = model
        let turn = Rotation(degrees: angle * scale, about: axis)
        for i in chosen {
            moved.positions[i] = turn * (model.positions[i] - centre) + centre + shift * scale
        }
        return moved
    }

    private func removing(_ chosen: [Int], from model: AtomModel) throws(DataError) -> AtomModel {
        let gone = Set(chosen)
        let kept = (0..<model.count).filter { !gone.contains($0) }
        return try AtomModel(
            positions: kept.map { model.positions[$0] }, weights: kept.map { model.weights[$0] },
            residues: kept.map { model.residues[$0] }, source: nil)
    }
}

extension AtomModel {
    /// Centre of mass of some atoms; their plain mean if they have no weight.
    func centre(of indices: [Int]) -> SIMD3<Double> {
        var sum = SIMD3<Double>.zero
        var plain = SIMD3<Double>.zero
        var mass = 0.0
        for i in indices {
            sum += positions[i] * weights[i]
            plain += positions[i]
            mass += weights[i]
        }
        return mass > 0 ? sum / mass : plain / Double(max(indices.count, 1))
    }
}
