import ArgumentParser
import CryoEM
import CryoIO

/// The particle set a command works on.
struct ParticleOptions: ParsableArguments {
    @Argument(
        help: """
            Particle file of a consensus refinement: .star of RELION, .cs of cryoSPARC, or a stack (.mrcs) \
            with the pickles of cryoDRGN.
            """)
    var particles: String
    @OptionGroup var files: ReadingOptions
    @Option(help: "Angstrom per pixel, in place of what the particle file says.") var pixelSize: Double?
    @Flag(help: "Multiply the images by -1: for particles darker than their background.") var invert = false

    var reading: ParticleReading { files.reading(pixelSize: pixelSize) }

    /// Reads the set and prints its warnings on standard error.
    /// - Throws: `DataError` for a file that cannot be read or whose particles cannot be used.
    func load() throws(DataError) -> ParticleSet {
        let set = try ParticleSet(path: particles, reading: reading)
        set.warnings.forEach(ErrorPrinting.warn)
        return set
    }
}
