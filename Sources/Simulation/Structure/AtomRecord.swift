import CryoIO

/// One ATOM or HETATM record as read, before options apply.
struct AtomRecord {
    var position: SIMD3<Double>
    var occupancy: Double
    /// nil if the file names no known element; an error only where electrons are wanted.
    var atomicNumber: Int?
    var residue: AtomModel.Residue
    var residueName: String
    /// Insertion code and the like: tells residues of one number apart.
    var residueSuffix: String
    var alternate: String
    var isHetero: Bool
    var line: Int
}

extension AtomModel {
    /// Applies the options to records in file order.
    init(records: [AtomRecord], options: StructureOptions, file: String) throws(DataError) {
        struct Key: Hashable {
            var residue: AtomModel.Residue
            var suffix: String
        }
        var firstLabel: [Key: String] = [:]
        var positions: [SIMD3<Double>] = []
        var weights: [Double] = []
        var residues: [AtomModel.Residue] = []
        for record in records {
            if record.isHetero && !options.keepsHeteroAtoms { continue }
            if !options.keepsWater && StructureOptions.waterNames.contains(record.residueName) { continue }
            if let chains = options.chains, !chains.contains(record.residue.chain) { continue }
            var occupancy = record.occupancy
            if options.alternates == .first, !record.alternate.isEmpty {
                let key = Key(residue: record.residue, suffix: record.residueSuffix)
                let label = firstLabel[key] ?? record.alternate
                firstLabel[key] = label
                if label != record.alternate { continue }
                occupancy = 1
            }
            var weight = occupancy
            if options.weighting == .electrons {
                guard let number = record.atomicNumber else {
                    throw DataError(
                        file: file, at: .line(record.line), "the element of the atom is unknown",
                        wanted: "an element symbol",
                        remedy: "Fill the element column, or weight by occupancy.")
                }
                weight *= Double(number)
            }
            positions.append(record.position)
            weights.append(weight)
            residues.append(record.residue)
        }
        guard !positions.isEmpty else {
            throw DataError(
                file: file, "no atom is left", found: "\(records.count) atoms before selection",
                remedy: "Check chains, water and HETATM options.")
        }
        try self.init(positions: positions, weights: weights, residues: residues, source: file)
    }
}
