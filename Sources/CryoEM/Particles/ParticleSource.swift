import CryoIO

/// The table that a particle set was read from, whole, so that rows can be handed back as they came. Its rows
/// are the rows of the set.
public enum ParticleSource: Sendable {
    /// A STAR file and the name of the block that holds the particles, "" for a bare `data_`.
    case star(STARFile, block: String)
    /// The particle file of a cryoSPARC job, without the passthrough files that were joined to it.
    case cryoSPARC(StructuredArray)
    /// Rows, from 0, of the stacks that cryoDRGN's pickles describe.
    case cryoDRGN(rows: [Int])

    /// How files of this kind end.
    public var fileExtension: String {
        switch self {
        case .star: "star"
        case .cryoSPARC: "cs"
        case .cryoDRGN: "pkl"
        }
    }

    func selecting(_ rows: [Int]) throws(DataError) -> ParticleSource {
        switch self {
        case .star(var file, let block):
            file[block: block] = try file[block: block]?.selecting(rows: rows)
            return .star(file, block: block)
        case .cryoSPARC(let table): return .cryoSPARC(try table.selecting(rows: rows))
        case .cryoDRGN(let all): return .cryoDRGN(rows: rows.map { all[$0] })
        }
    }
}
