import Analysis
import ArgumentParser
import Foundation
import OpusDSD
import Torch

/// Trains a homogeneous twin of a run and compares the two; shows progress on standard error alone, so that
/// standard output keeps to the findings.
struct TwinTraining {
    let run: Run
    let seed: UInt64
    let display: ProgressByTitle

    /// An interrupted training ends the program with status 130 and the way to go on.
    func compared() throws -> TrainedTwin {
        let program = RunRecord.Program(
            version: DSD.version, torch: Runtime.torchVersion ?? "unknown",
            commandLine: CommandLine.arguments.joined(separator: " "))
        Interruption.watch()
        let session = try TrainedTwin.session(
            for: run, program: program, seed: seed, progress: display.update)
        do {
            let twin = try session.run(observer: Observer(display: display), progress: display.update)
            return try TrainedTwin(run, twin: twin)
        } catch is TrainingInterrupted {
            display.finish()
            ErrorPrinting.standardError(
                "interrupted; the same command goes on with the training in \(session.folder.path)\n")
            throw ExitCode(130)
        }
    }

    private struct Observer: TrainingObserver {
        let display: ProgressByTitle

        var shouldStop: Bool { Interruption.isAsked }

        func step(_ progress: TrainingProgress) {
            display.update(
                "training a twin", progress.imagesDone, progress.imagesDone + progress.imagesLeft)
        }

        func inferring(_ done: Int, of count: Int) { display.update("inferring codes", done, count) }

        func refining(_ done: Int, of count: Int) { display.update("refining poses", done, count) }

        func refined(_ found: PoseSpread) {}
        func epoch(_ metrics: EpochMetrics) {}
        func stage(_ index: Int, geometry: StageGeometry, parameters: Int, epochs: Int) {}
    }
}
