import CryoIO

/// A rotational point group in RELION's setting: `C1`, `C7`, `D2`, `T`, `O`, `I` (`I1` ... `I4`).
///
/// Axes as RELION puts them: the main axis of C and D on z, a two-fold axis of D on x; T with a three-fold
/// and O with a four-fold axis on z; `I`, which is `I2`, with two-fold axes on x, y and z and five-fold axes
/// at (∓1, 0, φ), `I1` the same turned by 90° about y, `I3` and `I4` with a five-fold axis on z. Groups with
/// mirrors have no place among molecules.
public struct PointGroup: Sendable, Equatable, Codable, CustomStringConvertible {
    /// RELION's name.
    public let name: String
    /// All rotations, the identity first.
    public let rotations: [Rotation]

    public var order: Int { rotations.count }
    public var description: String { name }

    public static let c1 = PointGroup(name: "C1", generators: [])

    /// - Throws: `DataError` for what is no such name.
    public init(_ text: String) throws(DataError) {
        let name = text.uppercased()
        guard let generators = Self.generators(name) else {
            throw DataError(
                file: nil, "this is not a point group that maps can have", found: "'\(text)'",
                wanted: "C1, C2 ..., D1, D2 ..., T, O, I, I1, I2, I3 or I4",
                remedy: "Name the group as RELION's --sym does")
        }
        self.init(name: name, generators: generators)
    }

    private init(name: String, generators: [Rotation]) {
        self.name = name
        var found = [Rotation.identity]
        // Every element times every generator until nothing new comes: rotations of a group that differ do so
        // by more than a degree.
        var next = 0
        while next < found.count {
            for generator in generators {
                let product = generator * found[next]
                if !found.contains(where: { $0.angle(to: product) < 0.1 }) { found.append(product) }
            }
            next += 1
        }
        rotations = found
    }

    private static func generators(_ name: String) -> [Rotation]? {
        let phi = (1 + 5.0.squareRoot()) / 2
        func turn(_ fold: Int, _ axis: SIMD3<Double>) -> Rotation {
            Rotation(degrees: 360 / Double(fold), about: axis)
        }
        let z = SIMD3<Double>(0, 0, 1)
        switch name {
        case "T": return [turn(3, z), turn(2, [0, 2.0.squareRoot(), 1])]
        case "O": return [turn(4, z), turn(3, [1, 1, 1])]
        case "I", "I2": return [turn(2, z), turn(5, [-1, 0, phi])]
        case "I1": return [turn(2, [1, 0, 0]), turn(5, [phi, 0, -1])]
        case "I3": return [turn(5, z), turn(2, [-1, 0, phi])]
        case "I4": return [turn(5, z), turn(2, [1, 0, phi])]
        default: break
        }
        guard let kind = name.first, kind == "C" || kind == "D", let fold = Int(name.dropFirst()),
            (1...200).contains(fold)
        else { return nil }
        return kind == "C" ? [turn(fold, z)] : [turn(fold, z), turn(2, [1, 0, 0])]
    }

    public init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }

    public static func == (a: PointGroup, b: PointGroup) -> Bool { a.name == b.name }
}
