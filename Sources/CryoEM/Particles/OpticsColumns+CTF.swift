import CryoIO

extension OpticsColumns {
    /// The transfer function of each particle.
    /// - Throws: `DataError` for a missing column and for values that cannot be meant.
    func transferFunctions(_ notes: inout [String]) throws(DataError) -> [CTFParameters] {
        let u = try doubles("rlnDefocusU"), v = try doubles("rlnDefocusV"),
            angle = try doubles("rlnDefocusAngle")
        let voltage = try checked("rlnVoltage", 20...3000, "20 to 3000 kV")
        let cs = try checked("rlnSphericalAberration", 0...100, "0 to 100 mm")
        let contrast = try checked("rlnAmplitudeContrast", 0...1, "0 to 1")
        let phase = try doubles("rlnPhaseShift", default: 0)
        let table = u.indices.map { row in
            CTFParameters(
                defocusU: u[row], defocusV: v[row], defocusAngle: angle[row], voltage: voltage[row],
                sphericalAberration: cs[row], amplitudeContrast: contrast[row], phaseShift: phase[row])
        }
        let small = table.filter { abs($0.defocusU) < 50 && $0.phaseShift == 0 }.count
        if small > table.count / 2 {
            notes.append(
                "most defocus values are below 50 A: _rlnDefocusU is in Angstrom, not in micrometres")
        }
        let over = table.filter { $0.defocusU < -50 }.count
        if over > 0 { notes.append("\(over) particles are overfocused: in RELION underfocus is positive") }
        return table
    }

    private func checked(
        _ label: String, _ range: ClosedRange<Double>, _ wanted: String
    ) throws(DataError) -> [Double] {
        let values = try doubles(label)
        if let row = values.firstIndex(where: { !range.contains($0) }) {
            throw DataError(
                file: file, at: .row(row + 1), "_\(label) is impossible", found: "\(values[row])",
                wanted: wanted,
                remedy: "Correct the value or its unit")
        }
        return values
    }

    /// Refuses what the image model cannot hold and notes what it leaves out.
    func checkModel(_ notes: inout [String]) throws(DataError) {
        if try doubles("rlnImageDimensionality", default: 2).contains(3) {
            throw DataError(
                file: file, "the particles are volumes", found: "_rlnImageDimensionality 3", wanted: "2",
                remedy: "Give two-dimensional particle images")
        }
        if try doubles("rlnCtfDataAreCtfPremultiplied", default: 0).contains(where: { $0 != 0 }) {
            throw DataError(
                file: file, "the images are already multiplied by their CTF",
                found: "_rlnCtfDataAreCtfPremultiplied 1",
                wanted: "0", remedy: "Extract the particles without premultiplied CTF")
        }
        for label in ["rlnBeamTiltX", "rlnBeamTiltY"]
        where try doubles(label, default: 0).contains(where: { abs($0) > 0.5 }) {
            notes.append("_\(label) is above 0.5 mrad: beam tilt is not part of the image model")
        }
        for (label, value) in [
            ("rlnMagMat00", 1.0), ("rlnMagMat01", 0), ("rlnMagMat10", 0), ("rlnMagMat11", 1),
        ]
        where try doubles(label, default: value).contains(where: { abs($0 - value) > 0.01 }) {
            notes.append(
                "_\(label) is away from \(value) by more than 1 %: anisotropic magnification is not modelled")
        }
    }
}
