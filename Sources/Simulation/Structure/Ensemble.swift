import CryoIO

/// The conformations of one molecule, in one common frame.
public struct Ensemble: Sendable {
    public private(set) var states: [AtomModel]
    /// One position on the axis of motion per state, in 0...1.
    public private(set) var coordinates: [Double]
    public private(set) var names: [String]
    /// Where each state is in a continuous family, so that Euclidean distances say how near two states are;
    /// nil where states are discrete.
    public private(set) var positions: [[Double]]?
    /// States that stand for broken particles.
    public internal(set) var broken: Set<Int> = []
    /// How the states came about, for the record of a simulation.
    public var provenance: [String: String]

    /// - Parameter coordinates: state i of k has i/(k - 1) if nil.
    /// - Throws: `DataError` without a state or with counts that differ.
    public init(
        states: [AtomModel], coordinates: [Double]? = nil, names: [String]? = nil,
        positions: [[Double]]? = nil, provenance: [String: String] = [:]
    ) throws(DataError) {
        let last = Double(max(states.count - 1, 1))
        let coordinates = coordinates ?? states.indices.map { Double($0) / last }
        let names = names ?? states.indices.map { "state \($0)" }
        guard !states.isEmpty, coordinates.count == states.count, names.count == states.count,
            positions?.count ?? states.count == states.count
        else {
            throw DataError(
                file: nil, "an ensemble needs states with a coordinate and a name each",
                found: "\(states.count) states, \(coordinates.count) coordinates, \(names.count) names")
        }
        self.states = states
        self.coordinates = coordinates
        self.names = names
        self.positions = positions
        self.provenance = provenance
    }

    /// States from structure files, one a file, in the frame the files share: all are moved by the centre of
    /// mass of the first, so that files that were superposed stay superposed.
    public init(files: [String], options: StructureOptions = .init()) throws(DataError) {
        var models: [AtomModel] = []
        for file in files { models.append(try StructureFile.read(file, options: options)) }
        try self.init(states: models, names: files, provenance: options.provenance)
        centre()
    }

    /// State 0 is the structure, each move makes one more state; the frame is centred on state 0.
    /// - Parameter scale: times every angle and shift.
    public init(
        _ model: AtomModel, moves: [StateMove], scale: Double = 1, provenance: [String: String] = [:]
    ) throws(DataError) {
        var models = [model]
        for move in moves { models.append(try move.applied(to: model, scale: scale)) }
        var provenance = provenance
        provenance["motion"] = "\(scale)"
        try self.init(states: models, names: ["as read"] + moves.map(\.text), provenance: provenance)
        centre()
    }

    /// States from one structure file and moves.
    public init(
        file: String, moves: [StateMove], scale: Double = 1, options: StructureOptions = .init()
    ) throws(DataError) {
        var provenance = options.provenance
        provenance["structure"] = file
        try self.init(
            try StructureFile.read(file, options: options), moves: moves, scale: scale, provenance: provenance
        )
    }

    /// Moves every state by the centre of mass of the first.
    mutating func centre() {
        guard let point = states.first?.centreOfMass else { return }
        states = states.map { $0.centred(on: point) }
    }

    /// Largest distance of an atom of any state from the origin, in Angstrom.
    public var reach: Double { states.map(\.reach).max() ?? 0 }
}
