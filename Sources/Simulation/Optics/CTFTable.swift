import CryoEM
import CryoIO

/// The CTFs of a real data set, from the columns of a RELION STAR file (3.0: all in one table; 3.1 and later:
/// voltage, spherical aberration and amplitude contrast in the optics table) or a CTF pickle of cryoDRGN.
public struct CTFTable: Sendable, Equatable {
    /// One a row, in the file's order; never empty.
    public let rows: [CTFParameters]
    /// The file it was read from.
    public let source: String

    /// - Throws: `DataError` without rows.
    public init(_ rows: [CTFParameters], source: String) throws(DataError) {
        guard !rows.isEmpty else {
            throw DataError(file: source, "the table has no CTF", wanted: "at least one row")
        }
        self.rows = rows
        self.source = source
    }

    /// A table from a STAR file, or from a pickle of cryoDRGN where the name ends in .pkl.
    public init(path: String) throws(DataError) {
        if path.hasSuffix(".pkl") { try self.init(pickle: path) } else { try self.init(star: path) }
    }

    /// The CTF table [n, 9] of cryoDRGN: box, pixel size, defocus U and V in A, angle in degrees, kV, Cs in
    /// mm, amplitude contrast, phase shift in degrees. Box and pixel size are not used.
    /// - Throws: `DataError` for another shape or a row that cannot be used.
    public init(pickle path: String) throws(DataError) {
        let arrays = try Pickle.read(path)
        guard arrays.count == 1, arrays[0].shape.count == 2, arrays[0].shape[1] == 9 else {
            throw DataError(
                file: path, "the pickle is no CTF table", found: arrays.first.map { "\($0.shape)" } ?? "none",
                wanted: "one array [n, 9]", remedy: "Give the file that cryodrgn parse_ctf_star made")
        }
        let values = arrays[0].doubles()
        var rows: [CTFParameters] = []
        for (row, start) in stride(from: 0, to: values.count, by: 9).enumerated() {
            let v = values[start..<start + 9].map { $0 }
            guard v.allSatisfy(\.isFinite), v[5] > 0, (0...1).contains(v[7]) else {
                throw DataError(
                    file: path, at: .row(row + 1), "the optics of the row cannot be used",
                    found: "\(v[5]) kV, amplitude contrast \(v[7])",
                    wanted: "finite values, a positive voltage, amplitude contrast in 0...1")
            }
            rows.append(
                CTFParameters(
                    defocusU: v[2], defocusV: v[3], defocusAngle: v[4], voltage: v[5],
                    sphericalAberration: v[6], amplitudeContrast: v[7], phaseShift: v[8]))
        }
        try self.init(rows, source: path)
    }

    /// - Throws: `DataError` that names the missing column or the row that cannot be used.
    public init(star path: String) throws(DataError) {
        let file = try STARFile(path: path)
        guard let table = file.blocks.first(where: { $0.contains("rlnDefocusU") }) else {
            throw DataError(
                file: path, "no table has CTFs",
                wanted: "columns _rlnDefocusU, _rlnDefocusV and _rlnDefocusAngle",
                remedy: "Take the particle file of a CTF estimation or refinement")
        }
        let defocusU = try table.doubles("rlnDefocusU")
        let defocusV = try table.doubles("rlnDefocusV")
        let angle = try table.doubles("rlnDefocusAngle")
        let phase = table.contains("rlnPhaseShift") ? try table.doubles("rlnPhaseShift") : nil
        let optics = try OpticsColumns(table: table, optics: file[block: "optics"])
        var rows: [CTFParameters] = []
        rows.reserveCapacity(defocusU.count)
        for i in defocusU.indices {
            let (voltage, aberration, contrast) = optics.values(row: i)
            guard voltage > 0, (0...1).contains(contrast) else {
                throw DataError(
                    file: path, at: .row(i + 1), "the optics of the row cannot be used",
                    found: "\(voltage) kV, amplitude contrast \(contrast)",
                    wanted: "a positive voltage, amplitude contrast in 0...1")
            }
            rows.append(
                CTFParameters(
                    defocusU: defocusU[i], defocusV: defocusV[i], defocusAngle: angle[i], voltage: voltage,
                    sphericalAberration: aberration, amplitudeContrast: contrast, phaseShift: phase?[i] ?? 0))
        }
        try self.init(rows, source: path)
    }

    /// A row drawn for one particle, each with equal chance.
    func parameters(particle: Int, random: CounterRandom) -> CTFParameters {
        rows[min(Int(random.uniform(.table, item: particle, 0) * Double(rows.count)), rows.count - 1)]
    }
}

/// Voltage, spherical aberration and amplitude contrast of each row, wherever the file keeps them.
private struct OpticsColumns {
    private static let labels = ["rlnVoltage", "rlnSphericalAberration", "rlnAmplitudeContrast"]
    private let columns: [[Double]]
    /// The place in `columns` of each row; nil where the columns are the rows' own.
    private let places: [Int]?

    init(table: STARBlock, optics: STARBlock?) throws(DataError) {
        var columns: [[Double]] = []
        if let optics, !table.contains("rlnVoltage") {
            for label in Self.labels { columns.append(try optics.doubles(label)) }
            let groups = try optics.integers("rlnOpticsGroup")
            var places: [Int] = []
            for (row, group) in try table.integers("rlnOpticsGroup").enumerated() {
                guard let place = groups.firstIndex(of: group) else {
                    throw DataError(
                        file: table.file, at: .row(row + 1), "the optics group is not in the optics table",
                        found: "\(group)", wanted: "one of \(groups)")
                }
                places.append(place)
            }
            self.places = places
        } else {
            for label in Self.labels { columns.append(try table.doubles(label)) }
            places = nil
        }
        self.columns = columns
    }

    func values(row: Int) -> (Double, Double, Double) {
        let place = places?[row] ?? row
        return (columns[0][place], columns[1][place], columns[2][place])
    }
}
