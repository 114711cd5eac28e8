import ArgumentParser
import CryoIO
import OpusDSD

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "From nothing to a report: simulate eight states, train, analyse, compare with the truth.",
        discussion: """
            The folder gets data/ (particles and truth), run/ (a run as dsd train and dsd analyze make it), \
            report.html and demo.json. Started again, a demonstration goes on where it was stopped.

            Example: dsd demo --output demo
            """)

    @Option(help: "Folder of the demonstration.") var output = "demo"
    @Option(
        help:
            "Length of the training: images for about this many minutes on two processor cores (default: 4).")
    var minutes: Double?
    @Option(help: "Seed of every random value.") var seed: UInt64 = 1
    @OptionGroup var device: DeviceOption

    func run() throws {
        try ErrorPrinting.reporting("demo") {
            let folder = DemoFolder(path: output)
            let demo = Demo(
                settings: try DemoSettings(minutes: minutes, seed: seed), folder: folder,
                device: try device.resolved(), threads: try device.threading.count(),
                workers: device.threads ?? 0)
            let (score, isOld) = try demo.perform()
            if isOld {
                print("\(output) holds this demonstration already; remove the folder to make it anew")
            }
            print(ScoreText(score).text)
            print("report: \(folder.report)")
        }
    }
}
