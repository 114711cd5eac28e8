import CryoIO

/// The fields of a cryoSPARC file: numbers of every row, and what its reader says.
struct CryoSPARCCheck {
    /// nil where the reader cannot use the file.
    private(set) var rows: CheckedRows?

    init(_ table: StructuredArray, reading: ParticleReading, _ faults: inout FaultList) {
        var hasFaults = false
        for field in table.fields where field.kind == .float {
            for row in table.rowsWithoutFiniteNumber(field) {
                hasFaults = true
                faults.add(
                    .error, .number, subject: field.name,
                    DataError(
                        file: table.file, at: .row(row + 1), "\(field.name) is no finite number",
                        wanted: "a number", remedy: "Remove the row, or export the particles again"))
            }
        }
        // The reader stops at such a number, which is already told.
        guard !hasFaults else { return }
        rows = faults.collecting(.file) { () throws(DataError) in
            CheckedRows(
                try ParticleRows(
                    try CryoSPARCTable(table, passthrough: reading.passthrough), reading: reading))
        }
    }
}
