import CryoIO

extension OpticsColumns {
    /// Whole numbers for each particle, from the optics table where that has the column.
    func integers(_ label: String) throws(DataError) -> [Int] {
        let values = try doubles(label)
        if let row = values.firstIndex(where: { Int(exactly: $0) == nil }) {
            throw DataError(
                file: file, at: .row(row + 1), "_\(label) is no whole number", found: "\(values[row])",
                wanted: "a whole number", remedy: "Correct the value")
        }
        return values.map { Int($0) }
    }

    /// Angstrom per pixel of each particle's image and the columns that say so; nil where none does.
    func statedPixelSizes() throws(DataError) -> (label: String, values: [Double])? {
        if contains("rlnImagePixelSize") {
            return ("_rlnImagePixelSize", try doubles("rlnImagePixelSize"))
        }
        if contains("rlnDetectorPixelSize"), contains("rlnMagnification") {
            let detector = try doubles("rlnDetectorPixelSize")
            let magnification = try doubles("rlnMagnification")
            return (
                "_rlnDetectorPixelSize/_rlnMagnification",
                zip(detector, magnification).map { $0 * 1e4 / $1 }
            )
        }
        return contains("rlnPixelSize") ? ("_rlnPixelSize", try doubles("rlnPixelSize")) : nil
    }

    /// The transfer function of each particle.
    func transferFunctions() throws(DataError) -> [CTFParameters] {
        let u = try doubles("rlnDefocusU"), v = try doubles("rlnDefocusV"),
            angle = try doubles("rlnDefocusAngle")
        let voltage = try doubles("rlnVoltage")
        let cs = try doubles("rlnSphericalAberration")
        let contrast = try doubles("rlnAmplitudeContrast")
        let phase = try doubles("rlnPhaseShift", default: 0)
        return u.indices.map { row in
            CTFParameters(
                defocusU: u[row], defocusV: v[row], defocusAngle: angle[row], voltage: voltage[row],
                sphericalAberration: cs[row], amplitudeContrast: contrast[row], phaseShift: phase[row])
        }
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
