import ArgumentParser
import CryoEM
import CryoIO

/// The particle set a command works on.
struct ParticleOptions: ParsableArguments {
    @Argument(help: "Particle file of a consensus refinement (.star).") var particles: String
    @Option(help: "Folder that image paths are relative to, looked into first.") var datadir: String?
    @Option(help: "Leading part of image paths that is taken off.") var stripPrefix: String?
    @Option(help: "Angstrom per pixel, in place of what the particle file says.") var pixelSize: Double?
    @Flag(help: "Multiply the images by -1: for particles darker than their background.") var invert = false

    /// Reads the set and prints its warnings on standard error.
    /// - Throws: `DataError` for a file that cannot be read or whose particles cannot be used.
    func load() throws(DataError) -> ParticleSet {
        try Self.checkFormat(particles)
        let set = try ParticleSet(
            path: particles,
            reading: ParticleReading(dataFolder: datadir, stripPrefix: stripPrefix, pixelSize: pixelSize))
        set.warnings.forEach(ErrorPrinting.warn)
        return set
    }

    /// - Throws: `DataError` for a cryoSPARC file.
    static func checkFormat(_ path: String) throws(DataError) {
        guard path.lowercased().hasSuffix(".cs") else { return }
        throw DataError(
            file: path, "cryoSPARC files cannot be read yet", wanted: "a RELION .star file",
            remedy: "Convert it with pyem: csparc2star.py particles.cs passthrough.cs particles.star")
    }
}
