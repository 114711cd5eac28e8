import ArgumentParser
@preconcurrency import Foundation

/// The program: one command for each verb.
@main
struct DSD: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "dsd",
        abstract: "Structural heterogeneity from cryo-EM particle images (OPUS-DSD).",
        discussion: """
            A run goes from a consensus refinement to maps: reconstruct and mask prepare it, train learns a \
            latent code for every particle, analyze and decode turn the codes into clusters and maps. \
            simulate makes data with known truth and score compares a run with it. `dsd COMMAND --help` \
            shows a command's options and an example.
            """,
        version: version,
        subcommands: [
            DemoCommand.self,
            SimulateCommand.self,
            CheckCommand.self,
            MaskCommand.self,
            ReconstructCommand.self,
            FSCCommand.self,
            TrainCommand.self,
            EncodeCommand.self,
            DecodeCommand.self,
            AnalyzeCommand.self,
            ViewCommand.self,
            ScoreCommand.self,
            NullCommand.self,
            MotionCommand.self,
            SelectCommand.self,
            BenchCommand.self,
            BenchmarkCommand.self,
            SelftestCommand.self,
        ])

    /// A reader that goes away (`dsd fsc ... | head`) must not end work that still has files to write. Lines
    /// appear as they are printed, in log files too.
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        Interruption.letSignalsThrough()
        setvbuf(stdout, nil, _IOLBF, 0)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch  where exitCode(for: error).isSuccess {
            print(HelpText.endingInExample(fullMessage(for: error)))
        } catch {
            exit(withError: error)
        }
    }
}
