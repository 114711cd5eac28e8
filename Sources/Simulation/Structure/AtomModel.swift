import CryoIO

/// A molecule as weighted points.
///
/// Positions are in Angstrom; the origin is the box centre (voxel index N/2 on every axis) once the model is
/// centred.
public struct AtomModel: Sendable, Equatable {
    /// Where an atom belongs in its molecule; used to select parts that move.
    public struct Residue: Sendable, Hashable {
        public var chain: String
        public var number: Int

        public init(chain: String, number: Int) {
            self.chain = chain
            self.number = number
        }
    }

    public internal(set) var positions: [SIMD3<Double>]
    /// The integral of each atom's density before scaling: electrons times occupancy, or occupancy alone.
    public internal(set) var weights: [Double]
    /// One entry per atom.
    public internal(set) var residues: [Residue]

    /// - Throws: `DataError` if the counts differ, there is no atom, a value is not finite, or no weight is
    ///   positive.
    public init(
        positions: [SIMD3<Double>], weights: [Double], residues: [Residue]? = nil, source: String? = nil
    ) throws(DataError) {
        let residues = residues ?? Array(repeating: Residue(chain: "A", number: 1), count: positions.count)
        guard positions.count == weights.count, positions.count == residues.count else {
            throw DataError(
                file: source, "positions, weights and residues differ in number",
                found: "\(positions.count), \(weights.count) and \(residues.count)", wanted: "equal counts")
        }
        guard !positions.isEmpty else {
            throw DataError(
                file: source, "no atom to simulate", remedy: "Check the structure and its selection.")
        }
        for (index, p) in positions.enumerated()
        where !(p.x.isFinite && p.y.isFinite && p.z.isFinite && weights[index].isFinite) {
            throw DataError(
                file: source, "atom \(index + 1) is not finite",
                found: "(\(p.x), \(p.y), \(p.z)), \(weights[index])")
        }
        guard weights.reduce(0, +) > 0 else {
            throw DataError(
                file: source, "the weights of all atoms sum to nothing", found: "\(weights.reduce(0, +))",
                wanted: "a positive sum", remedy: "Use electrons as weights if the occupancies are 0.")
        }
        self.positions = positions
        self.weights = weights
        self.residues = residues
    }

    public var count: Int { positions.count }

    /// Sum of position times weight over the sum of weights, in Angstrom.
    public var centreOfMass: SIMD3<Double> {
        var sum = SIMD3<Double>.zero
        var mass = 0.0
        for (p, w) in zip(positions, weights) {
            sum += p * w
            mass += w
        }
        return sum / mass
    }

    /// The same model with `point` moved to the origin.
    public func centred(on point: SIMD3<Double>) -> AtomModel {
        var moved = self
        for i in moved.positions.indices { moved.positions[i] -= point }
        return moved
    }

    /// Largest distance of an atom from the origin, in Angstrom.
    public var reach: Double { positions.reduce(0) { max($0, $1.length) } }
}
