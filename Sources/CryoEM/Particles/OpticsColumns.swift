import CryoIO

/// Values that RELION 3.1 and later keep in the optics table and RELION 3.0 in every particle row.
struct OpticsColumns {
    let particles: STARBlock
    let optics: STARBlock?
    let file: String
    /// Row of the optics table for each particle; empty where there is no such table.
    private let rowOfParticle: [Int]
    /// `rlnOpticsGroup` of each particle; 1 without an optics table.
    let groups: [Int]

    init(particles: STARBlock, optics: STARBlock?, file: String) throws(DataError) {
        self.particles = particles
        self.optics = optics
        self.file = file
        guard let optics else {
            rowOfParticle = []
            groups = Array(repeating: 1, count: particles.rowCount)
            return
        }
        let known =
            optics.contains("rlnOpticsGroup")
            ? try optics.integers("rlnOpticsGroup", file: file) : Array(1...max(1, optics.rowCount))
        guard optics.rowCount > 0 else {
            throw DataError(file: file, "data_optics is empty", wanted: "a row for each optics group")
        }
        if !particles.contains("rlnOpticsGroup"), optics.rowCount == 1 {
            rowOfParticle = Array(repeating: 0, count: particles.rowCount)
            groups = Array(repeating: known[0], count: particles.rowCount)
            return
        }
        let rows = Dictionary(zip(known, known.indices), uniquingKeysWith: { first, _ in first })
        let groups = try particles.integers("rlnOpticsGroup", file: file)
        var found: [Int] = []
        found.reserveCapacity(groups.count)
        for (row, group) in groups.enumerated() {
            guard let place = rows[group] else {
                throw DataError(
                    file: file, at: .row(row + 1), "_rlnOpticsGroup is not in data_optics", found: "\(group)",
                    wanted: "one of \(known.map(String.init).joined(separator: ", "))",
                    remedy: "Add the group to data_optics")
            }
            found.append(place)
        }
        rowOfParticle = found
        self.groups = groups
    }

    func contains(_ label: String) -> Bool { optics?.contains(label) == true || particles.contains(label) }

    /// A number for each particle, from the optics table where that has the column.
    func doubles(_ label: String) throws(DataError) -> [Double] {
        guard let optics, optics.contains(label) else { return try particles.doubles(label, file: file) }
        let values = try optics.doubles(label, file: file)
        return rowOfParticle.map { values[$0] }
    }

    /// A number for each particle, or the value for a missing column.
    func doubles(_ label: String, default value: Double) throws(DataError) -> [Double] {
        contains(label) ? try doubles(label) : Array(repeating: value, count: particles.rowCount)
    }
}
