import ArgumentParser
import CryoEM
import CryoIO
import Foundation
import Report

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Every fault of a particle set's metadata, stacks, pixels and views, before work begins.",
        discussion: """
            Prints one line a fault with file, row and remedy, then a summary. Of many faults of one kind \
            the first 20 are listed (--limit). The exit status is 1 where training would stop. With --mask \
            the contrast is that inside against outside the mask at the stored poses, without it that of a \
            circle of three quarters of the box.

            Example: dsd check particles.star --mask mask.mrc --plot views.png
            """)

    @Argument(
        help: "Particle file: .star of RELION, .cs of cryoSPARC, or a stack with the pickles of cryoDRGN.")
    var particles: String
    @OptionGroup var files: ReadingOptions
    @Option(help: "Angstrom per pixel, in place of what the particle file says.") var pixelSize: Double?
    @Flag(help: "Multiply the images by -1: for particles darker than their background.") var invert = false
    @Option(help: "Mask of the particles' box.") var mask: String?
    @Option(help: "Look at the pixels of this many images, spread evenly; 0 looks at none (default: all).")
    var sample: Int?
    @Option(help: "Faults of one kind to list.") var limit = 20
    @Option(help: "File for a picture of the views (.png): the sphere in Mollweide's projection.")
    var plot: String?
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        try ErrorPrinting.reporting("check") {
            if let plot { try ViewPicture.checkName(plot) }
            let report = CheckReport(try checked())
            if json { try JSONOutput.write(report) } else { print(report.text) }
            if let plot { try ViewPicture.write(report.views, to: plot) }
            if report.errors > 0 { throw ExitCode.failure }
        }
    }

    private func checked() throws(DataError) -> ParticleCheck {
        for (name, value) in [("--sample", sample ?? 0), ("--limit", limit - 1)] where value < 0 {
            throw DataError(file: nil, "\(name) cannot be used", found: "a negative number or none")
        }
        guard FileManager.default.fileExists(atPath: particles) else {
            throw DataError(file: particles, "there is no such file", remedy: "Check its name")
        }
        var settings = ParticleCheck.Settings()
        settings.reading = files.reading(pixelSize: pixelSize)
        (settings.mask, settings.sample, settings.limit) = (mask, sample, limit)
        settings.invert = invert
        let line = ProgressLine("looking at images", unit: "images")
        defer { line.finish() }
        return ParticleCheck(path: particles, settings: settings) { line.update(done: $0, of: $1) }
    }
}
