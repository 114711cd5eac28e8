import ArgumentParser
import CryoIO
import Foundation
import OpusDSD
import Torch

struct EncodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Latent mean and log sigma of every image, by a run's best epoch.",
        discussion: """
            Without PARTICLES the run's own images are encoded again, into its latent/ folder. Other \
            particles must have the box and pixel size of the run's; their codes go to --output.

            Example: dsd encode run
            """)

    @Argument(help: ArgumentHelp("Folder of the run.", valueName: "run")) var folder: String
    @Argument(help: "Other particles (.star, .cs, or .mrcs with pickles).") var particles: String?
    @OptionGroup var reading: ReadingOptions
    @Option(help: "Folder for the codes of other particles: mean.npy and logsigma.npy.") var output: String?
    @OptionGroup var device: DeviceOption

    func run() throws {
        try ErrorPrinting.reporting("encode") {
            guard (particles == nil) == (output == nil) else {
                throw DataError(
                    file: nil, "PARTICLES and --output go together",
                    remedy: "Give both, or neither to encode the run's own images.")
            }
            let display = ProgressByTitle()
            let opened = try Run(RunFolder(folder), device: try device.resolved(), progress: display.update)
            guard let particles, let output else {
                let total = opened.data.particles.count
                try opened.writeLatents { display.add("encoding", $0, of: total) }
                display.finish()
                print("codes of \(total) particles in \(opened.data.folder.mean)")
                return
            }
            let inputs = RunRecord.Inputs(particles: particles, reading: reading.reading())
            let count = try opened.encode(inputs, to: output, progress: display.update)
            display.finish()
            print("codes of \(count) particles in \(output)/mean.npy")
        }
    }
}
