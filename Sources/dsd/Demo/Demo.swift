import Analysis
import CryoIO
import Foundation
import OpusDSD
import Report
import Simulation
import Torch

/// The demonstration: particles with known truth, a training that sees the particles alone, analysis,
/// comparison with the truth, report. A demonstration that was stopped goes on where it was.
struct Demo {
    let settings: DemoSettings
    let folder: DemoFolder
    let device: Device
    /// Threads of all but the training.
    let threads: Int
    /// Parts that a batch of the training is split into; 0 leaves the number to the machine.
    let workers: Int

    /// - Returns: the score, and whether it was there already.
    func perform() throws -> (score: RunScore, isOld: Bool) {
        let script = try RunReport.script()
        try Runtime.require()
        if let score = try folder.open(settings)?.score { return (score, true) }
        let start = Date()
        let isFresh = !FileManager.default.fileExists(atPath: folder.simulation)
        if isFresh { try simulate() }
        let run = try train()
        let display = ProgressByTitle()
        defer { display.finish() }
        try Runtime.setThreads(threads)
        let outcome = try LatentAnalysis(run, settings: settings.analysis, threads: threads)
            .perform(report: { ErrorPrinting.standardError($0 + "\n") }, progress: display.update)
        let truth = try GroundTruth(path: folder.truth)
        let score = try RunScore(folder.run, truth: truth, clusters: settings.clusters, threads: threads)
        display.finish()
        var report = RunReport(
            run, outcome, title: "A dumbbell in \(settings.phantom.states) states", provenance: .program())
        report.subtitle = subtitle
        report.truth = try KnownTruth(truth, score: score)
        if isFresh {
            report.facts = [.init("From nothing", ProgressText.duration(Date().timeIntervalSince(start)))]
        }
        try report.write(to: folder.report, script: script)
        try DemoRecord(version: DSD.version, settings: settings, score: score).write(to: folder.record)
        return (score, false)
    }

    private func simulate() throws {
        let simulator = try ParticleSimulator(
            ensemble: try settings.phantom.ensemble(), settings: settings.simulation, threads: threads)
        let line = ProgressLine("simulating", unit: "images")
        try simulator.write(to: folder.data) { line.update(done: $0, of: $1) }
        line.finish()
    }

    /// Consensus and mask are made from the particles, as for data whose truth nobody knows.
    private func train() throws -> Run {
        let session: TrainingSession
        if FileManager.default.fileExists(atPath: folder.run.configuration) {
            session = try TrainingSession(resuming: folder.run, device: device)
        } else {
            let record = RunRecord(
                program: .init(
                    version: DSD.version, torch: Runtime.torchVersion ?? "unknown",
                    commandLine: CommandLine.arguments.joined(separator: " ")),
                inputs: .init(particles: folder.particles),
                configuration: try settings.configuration(workers: workers).validated())
            session = try TrainingSession(new: record, folder: folder.run, device: device)
        }
        return try TrainingConsole(session, title: "demo").run()
    }

    private var subtitle: String {
        "\(settings.count) simulated images of \(settings.box) x \(settings.box) pixels at SNR "
            + "\(settings.snr): two lobes that move on their own. Training saw the images alone, with a "
            + "consensus and a mask made from them; the true states only score what it found."
    }
}
