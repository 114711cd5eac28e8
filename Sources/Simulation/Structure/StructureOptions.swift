/// How a structure file becomes pseudo-atoms.
public struct StructureOptions: Sendable, Equatable, Codable {
    /// The integral of an atom's density.
    public enum Weighting: String, Sendable, Codable, CaseIterable {
        /// Atomic number times occupancy.
        case electrons
        /// Occupancy alone.
        case occupancy
    }

    /// What happens to alternate locations.
    public enum Alternates: String, Sendable, Codable, CaseIterable {
        /// Every location counts with its occupancy.
        case all
        /// Only atoms without a label and those of the first label in each residue; they count with occupancy
        /// 1.
        case first
    }

    public var weighting: Weighting
    public var alternates: Alternates
    /// Water (HOH, WAT, H2O, DOD, SOL, TIP3 ...) is kept.
    public var keepsWater: Bool
    /// HETATM records (ligands, sugars, ions) are kept.
    public var keepsHeteroAtoms: Bool
    /// Chains to keep; nil keeps all.
    public var chains: Set<String>?

    public init(
        weighting: Weighting = .electrons, alternates: Alternates = .all, keepsWater: Bool = false,
        keepsHeteroAtoms: Bool = true, chains: Set<String>? = nil
    ) {
        self.weighting = weighting
        self.alternates = alternates
        self.keepsWater = keepsWater
        self.keepsHeteroAtoms = keepsHeteroAtoms
        self.chains = chains
    }

    /// The options as text for the record of a simulation.
    var provenance: [String: String] {
        [
            "weights": weighting.rawValue, "alternate locations": alternates.rawValue,
            "water": keepsWater ? "kept" : "dropped", "hetero atoms": keepsHeteroAtoms ? "kept" : "dropped",
            "chains": chains?.sorted().joined(separator: ",") ?? "all",
        ]
    }

    static let waterNames: Set<String> = [
        "HOH", "WAT", "H2O", "DOD", "D2O", "SOL", "TIP", "TP3", "TIP3", "TIP4", "SPC",
    ]
}
