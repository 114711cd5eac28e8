import CryoIO

/// What turns a structure into one more state: moves applied one after another.
///
/// Text form: moves separated by semicolons, as one command-line argument a state:
/// `--move "H,L:rotate=25@x:shift=0,10,0; K,M:rotate=-10@z:hinge=K/230-240"`.
public struct StateMove: Sendable, Equatable {
    public var moves: [RigidMove]
    /// The text it was read from; kept in the record of the simulation.
    public let text: String

    /// - Throws: `DataError` naming the action that cannot be read.
    public init(_ text: String) throws(DataError) {
        self.text = text
        moves = []
        for piece in text.split(separator: ";") where !piece.allSatisfy(\.isWhitespace) {
            moves.append(try RigidMove(text: piece))
        }
        guard !moves.isEmpty else {
            throw RigidMove.fault(text, found: "nothing", wanted: "at least one SELECTION:ACTION")
        }
    }

    public func applied(to model: AtomModel, scale: Double = 1) throws(DataError) -> AtomModel {
        var result = model
        for move in moves { result = try move.applied(to: result, scale: scale) }
        return result
    }
}

extension RigidMove {
    /// Reads the text form (see `RigidMove`); blanks do not count.
    /// - Throws: `DataError` naming the action that cannot be read.
    public init(text: some StringProtocol) throws(DataError) {
        let fields = String(text.filter { !$0.isWhitespace }).split(
            separator: ":", omittingEmptySubsequences: false)
        guard let first = fields.first, fields.count >= 2 else {
            throw Self.fault(text, found: "no action", wanted: "SELECTION:rotate=...:shift=...")
        }
        self.init(try AtomSelection(first))
        for field in fields.dropFirst() { try read(action: field, of: text) }
        if removes, fields.count > 2 {
            throw Self.fault(text, found: "remove with other actions", wanted: "remove alone")
        }
        if angle == 0, pivot != .centreOfMass {
            throw Self.fault(text, found: "a pivot without a turn", wanted: "rotate=DEGREES@AXIS beside it")
        }
    }

    private mutating func read(action field: Substring, of text: some StringProtocol) throws(DataError) {
        let pair = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let value = pair.count == 2 ? pair[1] : ""
        switch pair[0] {
        case "rotate":
            let parts = value.split(separator: "@", omittingEmptySubsequences: false)
            if parts.count == 2, parts[1] == "any", let degrees = Double(parts[0]), degrees > 0,
                degrees <= 180
            {
                (angle, isRandom) = (degrees, true)
                return
            }
            guard parts.count == 2, let degrees = Double(parts[0]), degrees.isFinite,
                let direction = Self.direction(parts[1])
            else { throw Self.fault(text, found: field, wanted: "rotate=25@x or rotate=25@1,0,2") }
            angle = degrees
            axis = direction
        case "shift":
            guard let vector = Self.vector(value) else {
                throw Self.fault(text, found: field, wanted: "shift=X,Y,Z in Angstrom")
            }
            shift = vector
        case "about":
            guard let vector = Self.vector(value) else {
                throw Self.fault(text, found: field, wanted: "about=X,Y,Z in Angstrom")
            }
            pivot = .point(vector)
        case "hinge":
            pivot = .centre(of: try AtomSelection(value))
        case "remove" where pair.count == 1:
            removes = true
        default:
            throw Self.fault(text, found: field, wanted: "rotate, shift, hinge, about or remove")
        }
    }

    private static func vector(_ text: Substring) -> SIMD3<Double>? {
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
        guard numbers.count == 3, numbers.allSatisfy(\.isFinite) else { return nil }
        return SIMD3(numbers[0], numbers[1], numbers[2])
    }

    private static func direction(_ text: Substring) -> SIMD3<Double>? {
        switch text {
        case "x": return SIMD3(1, 0, 0)
        case "y": return SIMD3(0, 1, 0)
        case "z": return SIMD3(0, 0, 1)
        default:
            guard let vector = vector(text), vector.length > 0 else { return nil }
            return vector / vector.length
        }
    }

    static func fault(
        _ text: some StringProtocol, found: some StringProtocol, wanted: String
    ) -> DataError {
        DataError(file: nil, "the move \"\(text)\" cannot be read", found: String(found), wanted: wanted)
    }
}
