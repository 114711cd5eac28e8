import CryoIO

/// Part of a molecule by chains and residue numbers.
///
/// Text form: parts separated by commas; a part is a chain (`H`), a range of its residues (`H/1-120`), one
/// residue (`H/57`), or `*` for every atom. Chain names are compared exactly, upper and lower case apart; `_`
/// is the chain without a name.
public struct AtomSelection: Sendable, Equatable, CustomStringConvertible {
    struct Part: Sendable, Equatable {
        /// nil: every chain.
        var chain: String?
        /// nil: every residue.
        var residues: ClosedRange<Int>?
    }

    var parts: [Part]
    public let description: String

    /// - Throws: `DataError` naming the part that cannot be read.
    public init(_ text: some StringProtocol) throws(DataError) {
        description = String(text)
        parts = []
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
            let fields = piece.split(separator: "/", omittingEmptySubsequences: false)
            guard let name = fields.first, !name.isEmpty, fields.count <= 2 else {
                throw Self.fault(piece, in: text)
            }
            let residues = fields.count == 2 ? Self.range(fields[1]) : nil
            if fields.count == 2 && residues == nil { throw Self.fault(piece, in: text) }
            parts.append(Part(chain: name == "*" ? nil : name == "_" ? "" : String(name), residues: residues))
        }
    }

    /// "57" or "1-120"; a leading minus belongs to the first number ("-3-10").
    private static func range(_ text: some StringProtocol) -> ClosedRange<Int>? {
        if let single = Int(text) { return single...single }
        guard let dash = text.dropFirst().firstIndex(of: "-"), let low = Int(text[..<dash]),
            let high = Int(text[text.index(after: dash)...]), low <= high
        else { return nil }
        return low...high
    }

    private static func fault(_ piece: some StringProtocol, in text: some StringProtocol) -> DataError {
        DataError(
            file: nil, "the selection \"\(text)\" cannot be read", found: "\"\(piece)\"",
            wanted: "chains and residues such as H or H/1-120, separated by commas, or *")
    }

    public func contains(_ residue: AtomModel.Residue) -> Bool {
        parts.contains { part in
            (part.chain == nil || part.chain == residue.chain)
                && (part.residues?.contains(residue.number) ?? true)
        }
    }

    /// Indices of the selected atoms.
    /// - Throws: `DataError` if a part selects no atom, with the chains there are.
    public func indices(in model: AtomModel) throws(DataError) -> [Int] {
        for part in parts {
            let alone = AtomSelection(part: part)
            guard model.residues.contains(where: alone.contains) else {
                throw DataError(
                    file: nil, "the selection \"\(description)\" selects no atom", found: alone.description,
                    wanted: "chains of the structure: "
                        + Set(model.residues.map(\.chain)).sorted()
                        .joined(separator: ", "))
            }
        }
        return model.residues.indices.filter { contains(model.residues[$0]) }
    }

    private init(part: Part) {
        parts = [part]
        let residues = part.residues.map { "/\($0.lowerBound)-\($0.upperBound)" } ?? ""
        description = (part.chain ?? "*") + residues
    }
}
