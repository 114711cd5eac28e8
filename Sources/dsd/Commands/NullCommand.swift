import Analysis
import ArgumentParser
import CryoIO
import Foundation
import OpusDSD
import Torch

struct NullCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "null",
        abstract: "How far a run's codes spread beyond those of a homogeneous twin of its data.",
        discussion: """
            The twin has the poses, CTFs and noise spectrum of the run's images and the consensus in every \
            one of them. Images that the run kept out of training are encoded, and the same particles of \
            several twins; a component whose spread is well above the twins' is structure, or an error \
            of poses and CTFs, and not noise. With --train a twin is also trained as the run was, which \
            takes as long as the run did. The run's null/ gets null.json and the codes that were compared.

            Example: dsd null run
            """)

    @Argument(help: ArgumentHelp("Folder of the run.", valueName: "run")) var runFolder: String
    @Option(help: "Twins with different noise.") var replicas = NullSettings().replicas
    @Option(help: "Images compared, at most.") var images = NullSettings().images
    @Option(help: "Clusters of k-means (default: as many as dsd analyze has made, or 8).") var clusters: Int?
    @Option(help: "Seed of the twins' noise.") var seed: UInt64 = 0
    @Flag(help: "Also train a twin as the run was trained, in the run's null/run.") var train = false
    @OptionGroup var device: DeviceOption
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        try ErrorPrinting.reporting("null") {
            var settings = NullSettings()
            (settings.replicas, settings.images, settings.seed) = (replicas, images, seed)
            let analysed = AnalysisFolder(RunFolder(runFolder)).clusterCount
            settings.clusters = clusters ?? analysed ?? settings.clusters
            let threads = try device.threading.count()
            let display = ProgressByTitle()
            defer { display.finish() }
            let opened = try Run(
                RunFolder(runFolder), device: try device.resolved(), progress: display.update)
            let test = try NullTest(opened, settings: settings, threads: threads)
            var findings = try test.perform(
                report: { ErrorPrinting.standardError($0 + "\n") }, progress: display.update)
            if train {
                findings.trained = try TwinTraining(run: opened, seed: seed, display: display).compared()
                try findings.write(to: "\(test.folder)/null.json")
            }
            display.finish()
            if json { return try JSONOutput.write(findings) }
            print(NullText(findings).text)
            print("findings: \(test.folder)/null.json")
        }
    }
}
