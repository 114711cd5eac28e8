import CryoIO

/// A row of the optics table, as the summary of a check gives it.
public struct OpticsGroupFacts: Sendable, Encodable, Equatable {
    public let group: Int
    public let particles: Int
    /// Angstrom.
    public let pixelSize: Double?
    public let box: Double?
    /// kV and mm.
    public let voltage: Double?
    public let sphericalAberration: Double?
    public let amplitudeContrast: Double?
}

/// How optics table and particles fit together.
struct OpticsCheck {
    let file: String
    let particles: [String: ColumnScan]
    let optics: [String: ColumnScan]

    /// Row of the optics table for each particle, -1 for a group that is not there; empty without a table.
    func rows(count: Int, hasTable: Bool, _ faults: inout FaultList) -> [Int] {
        guard hasTable else { return [] }
        let length = optics.values.map(\.values.count).max() ?? 0
        guard length > 0 else {
            faults.add(
                .error, .optics,
                DataError(
                    file: file, "data_optics is empty", wanted: "a row for each optics group",
                    remedy: "Copy the table from the file that the particles came from"))
            return []
        }
        let known = optics["rlnOpticsGroup"]?.values ?? (1...length).map(Double.init)
        var places: [Double: Int] = [:]
        for (row, group) in known.enumerated() where !group.isNaN {
            if places[group] == nil { places[group] = row } else { duplicate(group, row: row, &faults) }
        }
        guard let groups = particles["rlnOpticsGroup"]?.values else {
            if length == 1 { return Array(repeating: 0, count: count) }
            faults.add(
                .error, .optics,
                DataError(
                    file: file, "particles do not say which optics group they belong to",
                    found: "\(length) groups and no column _rlnOpticsGroup", wanted: "_rlnOpticsGroup",
                    remedy: "Add the column"))
            return []
        }
        let list = known.map { String(format: "%g", $0) }.joined(separator: ", ")
        var used = Set<Int>()
        let rows = groups.enumerated().map { row, group in
            if let place = places[group] {
                used.insert(place)
                return place
            }
            if !group.isNaN { missing(group, row: row, known: list, &faults) }
            return -1
        }
        for row in known.indices where !used.contains(row) && places[known[row]] == row {
            faults.add(
                .warning, .optics,
                DataError(
                    file: file, at: .row(row + 1), "no particle belongs to this optics group of data_optics",
                    found: String(format: "group %g", known[row]), remedy: "Nothing needs to be done"))
        }
        return rows
    }

    private func duplicate(_ group: Double, row: Int, _ faults: inout FaultList) {
        faults.add(
            .warning, .optics,
            DataError(
                file: file, at: .row(row + 1), "data_optics has this optics group twice",
                found: String(format: "%g", group), wanted: "each group once; the first is used",
                remedy: "Remove one of the rows"))
    }

    private func missing(_ group: Double, row: Int, known: String, _ faults: inout FaultList) {
        faults.add(
            .error, .optics, subject: "group",
            DataError(
                file: file, at: .row(row + 1), "_rlnOpticsGroup is not in data_optics",
                found: String(format: "%g", group), wanted: "one of \(known)",
                remedy: "Add the group to data_optics"))
    }
}
