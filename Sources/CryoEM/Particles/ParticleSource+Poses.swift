import CryoIO

extension ParticleList {
    /// The same rows with the poses and origins of a set that was read from the same file.
    /// - Throws: `DataError` where the file is not a STAR file.
    public func posed(as particles: ParticleSet) throws(DataError) -> ParticleList {
        precondition(count == particles.count, "poses of the same rows are wanted")
        guard case .star(var star, let name) = source, var block = star[block: name] else {
            throw DataError(
                file: file, "refined poses are written to STAR files alone", found: source.fileExtension,
                wanted: "star",
                remedy: "Leave out --refined-poses; poses/ of the run has the changes as arrays")
        }
        for (label, value) in [
            ("rlnAngleRot", \EulerAngles.rot), ("rlnAngleTilt", \EulerAngles.tilt),
            ("rlnAnglePsi", \EulerAngles.psi),
        ] { try block.setColumn(label, particles.angles.map { $0[keyPath: value] }) }
        // RELION up to 3.0 counts origins in pixels, later ones in Angstrom.
        let inPixels = block.contains("rlnOriginX") && !block.contains("rlnOriginXAngst")
        let origins = particles.refinedOrigins.enumerated().map { row, origin in
            inPixels ? origin / particles.grid(row).pixelSize : origin
        }
        let suffix = inPixels ? "" : "Angst"
        try block.setColumn("rlnOriginX" + suffix, origins.map(\.x))
        try block.setColumn("rlnOriginY" + suffix, origins.map(\.y))
        star[block: name] = block
        return ParticleList(self, source: .star(star, block: name))
    }
}
