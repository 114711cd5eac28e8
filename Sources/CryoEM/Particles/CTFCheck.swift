import CryoIO

/// Checks of transfer functions that hold whatever program wrote them.
struct CTFCheck {
    let file: String
    /// What the file calls its values.
    let defocus: String
    let voltage: String
    let sphericalAberration: String
    let amplitudeContrast: String

    /// - Throws: `DataError` with the row of a value that cannot be meant.
    func callAsFunction(_ table: [CTFParameters], _ notes: inout [String]) throws(DataError) {
        for (row, ctf) in table.enumerated() {
            try check(ctf.voltage, voltage, 20...3000, "20 to 3000 kV", row)
            try check(ctf.sphericalAberration, sphericalAberration, 0...100, "0 to 100 mm", row)
            try check(ctf.amplitudeContrast, amplitudeContrast, 0...1, "0 to 1", row)
        }
        let small = table.filter { abs($0.defocusU) < 50 && $0.phaseShift == 0 }.count
        if small > table.count / 2 {
            notes.append("most defocus values are below 50 A: \(defocus) is in Angstrom, not in micrometres")
        }
        let over = table.filter { $0.defocusU < -50 }.count
        if over > 0 { notes.append("\(over) particles are overfocused: underfocus is positive") }
    }

    private func check(
        _ value: Double, _ label: String, _ range: ClosedRange<Double>, _ wanted: String, _ row: Int
    ) throws(DataError) {
        guard range.contains(value) else {
            throw DataError(
                file: file, at: .row(row + 1), "\(label) is impossible", found: "\(value)", wanted: wanted,
                remedy: "Correct the value or its unit")
        }
    }
}
