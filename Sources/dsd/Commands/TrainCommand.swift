import ArgumentParser
import CryoIO
import Foundation
import OpusDSD
import Torch

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train on a particle set and encode every particle.",
        discussion: """
            Poses and CTF come from the consensus refinement in PARTICLES. Without --consensus one is \
            reconstructed; without --mask one is drawn from it. The run folder gets config.yaml, log.txt, \
            metrics.csv, checkpoint/, latent/, consensus.mrc and mask.mrc. Ctrl-C writes a checkpoint; \
            --resume continues to the same numbers.

            Example: dsd train particles.star --mask mask.mrc --output run --preset small --epochs 4
            """)

    @OptionGroup var particles: ParticleOptions
    @OptionGroup var device: DeviceOption
    @Option(help: "Folder of the run.") var output: String
    @Option(help: "Solvent mask, in the particles' box; drawn from the consensus if left out.") var mask:
        String?
    @Option(help: "Consensus map, in the particles' box; reconstructed if left out.") var consensus: String?
    @Option(
        help:
            """
            Starting point of the configuration: \
            \(Configuration.Preset.allCases.map(\.rawValue).joined(separator: ", ")).
            """
    )
    var preset = "small"
    @Option(help: "YAML file with values to change, or the config.yaml of a run.") var config: String?
    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: "One value to change, key=value; can be repeated.")
    var settings: [String] = []
    @Option(help: "Passes over the images in each stage.") var epochs: Int?
    @Option(help: "Seed of every random value.") var seed: UInt64?
    @Flag(help: "Continue the run in --output from its latest checkpoint.") var resume = false

    func run() throws {
        try ErrorPrinting.reporting("train") {
            try Runtime.require()
            let folder = RunFolder(output)
            let session: TrainingSession
            let launch = try Launch.detected()
            let place = try device.resolved(process: launch?.localRank)
            if resume {
                session = try TrainingSession(resuming: folder, device: place, launch: launch)
            } else {
                let record = RunRecord(
                    program: .init(
                        version: DSD.version, torch: Runtime.torchVersion ?? "unknown",
                        commandLine: CommandLine.arguments.joined(separator: " ")),
                    inputs: .init(
                        particles: particles.particles, reading: particles.reading,
                        invert: particles.invert, mask: mask, consensus: consensus),
                    configuration: try configured())
                session = try TrainingSession(new: record, folder: folder, device: place, launch: launch)
            }
            try TrainingConsole(session, title: output).run()
        }
    }

    private func configured() throws -> Configuration {
        guard let start = Configuration.Preset(rawValue: preset) else {
            throw DataError(
                file: nil, "there is no preset \(preset)", found: preset,
                wanted: Configuration.Preset.allCases.map(\.rawValue).joined(separator: ", "),
                remedy: "Choose one with --preset.")
        }
        var configuration = start.configuration
        if let config { configuration = try configuration.merging(file: config) }
        for setting in settings { configuration = try configuration.setting(setting) }
        if let threads = device.threads { configuration.numerics.workers = threads }
        if let seed { configuration.seed = seed }
        if let epochs {
            guard epochs > 0 else {
                throw DataError(file: nil, "--epochs cannot be used", found: "\(epochs)", wanted: "1 or more")
            }
            for index in configuration.stages.indices { configuration.stages[index].epochs = epochs }
        }
        return try configuration.validated()
    }
}
