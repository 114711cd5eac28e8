import ArgumentParser
import CryoIO
import Foundation
import OpusDSD
import Torch

/// Shows a training on the terminal and in log.txt.
struct TrainingConsole {
    let session: TrainingSession
    let title: String

    init(_ session: TrainingSession, title: String) { (self.session, self.title) = (session, title) }

    /// Runs the session; an interrupted one ends the program with status 130 and the way to go on.
    @discardableResult func run() throws -> Run {
        Interruption.watch()
        guard session.leads else { return try follow() }
        let log = RunLog(path: session.folder.log)
        let display = TrainingDisplay(log: log)
        do {
            log.line("configuration:\n" + (try session.record.configuration.yaml()))
            let run = try session.run(
                observer: display, report: { display.say($0) }, progress: display.progress)
            display.end("codes of \(run.data.particles.count) particles in \(session.folder.mean)")
            return run
        } catch is TrainingInterrupted {
            display.end(
                "interrupted; continue with: dsd train \(session.record.inputs.particles) "
                    + "--output \(session.folder.path) --resume")
            throw ExitCode(130)
        } catch {
            log.line("stopped: \(error)")
            throw error
        }
    }

    /// One of several processes, of which the first one shows the training.
    private func follow() throws -> Run {
        do { return try session.run(observer: Following()) } catch is TrainingInterrupted {
            throw ExitCode(130)
        }
    }
}

/// Says nothing; a signal to any process ends the run.
private struct Following: TrainingObserver {
    func step(_ progress: TrainingProgress) {}
    func epoch(_ metrics: EpochMetrics) {}
    func refining(_ done: Int, of count: Int) {}
    func refined(_ found: PoseSpread) {}
    func stage(_ index: Int, geometry: StageGeometry, parameters: Int, epochs: Int) {}
    func inferring(_ done: Int, of count: Int) {}
    var shouldStop: Bool { Interruption.isAsked }
}

/// Lines with the time, appended to log.txt as they come.
final class RunLog: @unchecked Sendable {
    private let path: String
    private let lock = NSLock()
    private var pending: [String] = []

    init(path: String) { self.path = path }

    /// Kept until the run folder exists.
    func line(_ text: String) {
        lock.lock()
        defer { lock.unlock() }
        let time = Date().formatted(.iso8601)
        pending.append("\(time) \(text)\n")
        guard FileManager.default.fileExists(atPath: (path as NSString).deletingLastPathComponent),
            let file = fopen(path, "a")
        else { return }
        for line in pending { fputs(line, file) }
        fclose(file)
        pending = []
    }
}

/// One progress line a stage of work, one printed line an epoch.
final class TrainingDisplay: TrainingObserver, @unchecked Sendable {
    private let log: RunLog
    private var current: (title: String, line: ProgressLine)?
    private var stageTitle = ""
    private let start = Date()

    init(log: RunLog) { self.log = log }

    var shouldStop: Bool { Interruption.isAsked }

    func say(_ text: String) {
        finishLine()
        print(text)
        log.line(text)
    }

    func progress(_ title: String, _ done: Int, _ all: Int) {
        line(title).update(done: done, of: all)
        if done >= all { finishLine() }
    }

    func stage(_ index: Int, geometry g: StageGeometry, parameters: Int, epochs: Int) {
        stageTitle = "training, box \(g.box)"
        say(
            String(
                format:
                    "stage %d: images of %d pixels at %.2f A, volume %d^3, pseudo-volume %d^3, "
                    + "%d parameters, %d epochs",
                index + 1, g.box, g.pixelSize, g.volumeSide, g.encoderSide, parameters, epochs))
    }

    func step(_ p: TrainingProgress) {
        let note = String(
            format: "stage %d/%d epoch %d/%d  rec %.4f kl %.1f prior %.2f", p.stage + 1, p.stages,
            p.epoch + 1, p.epochs,
            p.terms.reconstruction, p.terms.divergence, p.terms.intraClass + p.terms.interClass)
        line(stageTitle).update(done: p.imagesDone, of: p.imagesDone + p.imagesLeft, note: note)
    }

    func epoch(_ m: EpochMetrics) {
        let validation = m.validation.map { String(format: ", validation %.5f", $0) } ?? ""
        say(
            String(
                format: "epoch %d (stage %d): reconstruction %.5f%@, kl %.2f, prior %.3f, %d images, %.0f s",
                m.epoch, m.stage,
                m.terms[0], validation, m.terms[1], m.terms[2] + m.terms[3], m.images,
                Date().timeIntervalSince(start)))
    }

    func inferring(_ done: Int, of count: Int) { progress("inferring codes", done, count) }

    func refining(_ done: Int, of count: Int) { progress("refining poses", done, count) }

    func refined(_ found: PoseSpread) {
        say(
            String(
                format: "poses refined: estimated errors %.2f degrees of tilt, %.2f in the plane, "
                    + "%.2f A of shift, %.1f %% of contrast",
                found.tilt, found.inPlane, found.shift, found.contrast * 100))
    }

    func end(_ text: String) { say(text) }

    private func line(_ title: String) -> ProgressLine {
        if let current, current.title == title { return current.line }
        finishLine()
        let line = ProgressLine(title, unit: "images")
        current = (title, line)
        return line
    }

    private func finishLine() {
        current?.line.finish()
        current = nil
    }
}
