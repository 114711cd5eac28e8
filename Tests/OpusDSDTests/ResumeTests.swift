import CryoIO
import Foundation
import OpusDSD
import Simulation
import TestSupport
import Testing
import Torch

/// A small simulated set and short runs on it.
enum TinyRun {
    static func particles(in folder: TemporaryFolder, count: Int = 60) throws -> String {
        let ensemble = try DumbbellPhantom(states: 2, seed: 3, beadsPerLobe: 60).ensemble()
        let settings = SimulationSettings(count: count, box: 16, pixelSize: 16, snr: 1, seed: 7)
        _ = try ParticleSimulator(ensemble: ensemble, settings: settings).write(
            to: folder.file("data"), progress: { _, _ in })
        return folder.file("data") + "/particles.star"
    }

    static func configuration() -> Configuration {
        var c = Configuration()
        c.model.latentSize = 2
        c.model.encoderWidth = 0.1
        c.model.decoderWidth = 0.01
        c.sampling.batch = 8
        c.numerics.workers = 2
        c.numerics.checkpointSteps = 3
        var coarse = Configuration.Stage()
        var fine = Configuration.Stage()
        (coarse.box, coarse.epochs) = (12, 2)
        (fine.box, fine.epochs) = (16, 2)
        c.stages = [coarse, fine]
        return c
    }

    static func record(_ particles: String, _ configuration: Configuration) -> RunRecord {
        RunRecord(
            program: .init(version: "test", torch: "test", commandLine: "test"),
            inputs: .init(particles: particles),
            configuration: configuration)
    }

    /// Everything of a finished run that must not depend on interruptions.
    static func results(_ folder: RunFolder) throws -> [String: Data] {
        var files: [String: Data] = [:]
        let noise = "\(folder.path)/noise/box16.npy"
        for path in [folder.metrics, folder.mean, folder.logSigma, folder.poses(round: 1), noise] {
            files[(path as NSString).lastPathComponent] = FileManager.default.contents(atPath: path)
        }
        for path in [folder.latestCheckpoint, folder.bestCheckpoint] {
            let checkpoint = try Checkpoint(path: path)
            for (name, tensor) in checkpoint.tensors {
                let values = try tensor.floats()
                files["\((path as NSString).lastPathComponent) \(name)"] = values.withUnsafeBytes { Data($0) }
            }
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            files["\((path as NSString).lastPathComponent) state"] = try encoder.encode(checkpoint.state)
        }
        return files
    }
}

/// Stops after a number of steps.
final class StopAfter: TrainingObserver, @unchecked Sendable {
    private var left: Int
    private(set) var epochs: [EpochMetrics] = []
    init(steps: Int) { left = steps }
    func step(_ progress: TrainingProgress) { left -= 1 }
    func epoch(_ metrics: EpochMetrics) { epochs.append(metrics) }
    func stage(_ index: Int, geometry: StageGeometry, parameters: Int, epochs: Int) {}
    func inferring(_ done: Int, of count: Int) {}
    func refining(_ done: Int, of count: Int) {}
    func refined(_ found: PoseSpread) {}
    var shouldStop: Bool { left <= 0 }
}

@Suite struct ResumeTests {
    /// Interrupted again and again at steps drawn at random, a run ends with the same weights, moments,
    /// bank, metrics and
    /// codes, bit for bit, as one that was left alone.
    @Test func interruptedRunsEndBitEqual() throws {
        try compare(TinyRun.configuration())
    }

    /// The same where the last stage keeps the codes that were inferred before it.
    @Test func interruptedRunsWithKeptCodesEndBitEqual() throws {
        var configuration = TinyRun.configuration()
        configuration.stages[1].trainsEncoder = false
        let names = try compare(configuration)
        #expect(names.contains("latest.safetensors codes.mean") && names.contains("round1.npy"))
    }

    /// The same where codes are settled in rounds between the stages, and images share volumes.
    @Test func interruptedRunsWithRoundsEndBitEqual() throws {
        var configuration = TinyRun.configuration()
        configuration.stages[1].trainsEncoder = false
        (configuration.inference.rounds, configuration.inference.roundImages) = (2, 54)
        configuration.sampling.imagesPerVolume = 3
        let names = try compare(configuration)
        #expect(names.contains("latest.safetensors codes.mean") && names.contains("round1.npy"))
    }

    /// Runs whole and interrupted, compares all results; their names.
    @discardableResult private func compare(_ configuration: Configuration) throws -> [String] {
        let temporary = try TemporaryFolder()
        let particles = try TinyRun.particles(in: temporary)
        let record = TinyRun.record(particles, configuration)
        let whole = RunFolder(temporary.file("whole"))
        _ = try TrainingSession(new: record, folder: whole, device: .cpu).run(
            observer: StopAfter(steps: .max))
        let wanted = try TinyRun.results(whole)
        #expect(wanted.keys.contains("latest.safetensors bank.codes"))
        #expect(wanted.keys.contains { $0.hasPrefix("latest.safetensors adam.") })

        var generator = SeededGenerator(seed: 11)
        for round in 0..<2 {
            let folder = RunFolder(temporary.file("parts\(round)"))
            var session = try TrainingSession(new: record, folder: folder, device: .cpu)
            var interruptions = 0
            while true {
                do {
                    _ = try session.run(observer: StopAfter(steps: Int.random(in: 1...9, using: &generator)))
                    break
                } catch is TrainingInterrupted {
                    interruptions += 1
                    session = try TrainingSession(resuming: folder, device: .cpu)
                }
            }
            #expect(interruptions >= 3)
            let found = try TinyRun.results(folder)
            #expect(found.keys.sorted() == wanted.keys.sorted())
            for (name, bytes) in wanted { #expect(found[name] == bytes, "\(name) differs") }
        }
        return wanted.keys.sorted()
    }

    /// Noise that was measured for a run is read again, and refused where it is damaged.
    @Test func damagedNoiseIsRefused() throws {
        let temporary = try TemporaryFolder()
        var configuration = TinyRun.configuration()
        configuration.stages.removeFirst()
        let folder = RunFolder(temporary.file("run"))
        let record = TinyRun.record(try TinyRun.particles(in: temporary), configuration)
        _ = try TrainingSession(new: record, folder: folder, device: .cpu).run(
            observer: StopAfter(steps: .max))
        let path = "\(folder.path)/noise/box16.npy"
        let power = try NPYArray.read(path).doubles()
        #expect(power.count == 8 && power.allSatisfy { $0 > 0.2 && $0 < 5 })
        _ = try Run(folder)
        for damaged in [[1, 1, 1], power.map { $0 - power[3] }] {
            try NPYArray(shape: [damaged.count], doubles: damaged).write(to: path)
            #expect { try Run(folder) } throws: { "\($0)".contains("Delete the file; it is made again") }
        }
        try FileManager.default.removeItem(atPath: path)
        _ = try Run(folder)
        #expect(try NPYArray.read(path).doubles() == power)
    }

    @Test func aRunIsNotStartedOverAnother() throws {
        let temporary = try TemporaryFolder()
        let particles = try TinyRun.particles(in: temporary)
        var short = TinyRun.configuration()
        short.stages = [short.stages[0]]
        short.stages[0].epochs = 1
        let folder = RunFolder(temporary.file("run"))
        let record = TinyRun.record(particles, short)
        _ = try TrainingSession(new: record, folder: folder, device: .cpu).run(
            observer: StopAfter(steps: .max))
        #expect(throws: DataError.self) { try TrainingSession(new: record, folder: folder, device: .cpu) }
    }

    @Test func inputsThatCannotBeUsedLeaveNoFolder() throws {
        let temporary = try TemporaryFolder()
        let particles = try TinyRun.particles(in: temporary)
        var record = TinyRun.record(particles, TinyRun.configuration())
        let wrong = DensityMap(cube: [Float](repeating: 1, count: 20 * 20 * 20), side: 20, pixelSize: 16)
        try wrong.write(to: temporary.file("mask.mrc"))
        record.inputs.mask = temporary.file("mask.mrc")
        let folder = RunFolder(temporary.file("run"))
        let error = #expect(throws: DataError.self) {
            _ = try TrainingSession(new: record, folder: folder, device: .cpu).run(
                observer: StopAfter(steps: .max))
        }
        #expect(error?.description.contains("20") == true && error?.description.contains("16") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    /// A damaged checkpoint is named, not trained on.
    @Test func aTruncatedCheckpointIsRefused() throws {
        let temporary = try TemporaryFolder()
        let particles = try TinyRun.particles(in: temporary)
        let folder = RunFolder(temporary.file("run"))
        let record = TinyRun.record(particles, TinyRun.configuration())
        #expect(throws: TrainingInterrupted.self) {
            _ = try TrainingSession(new: record, folder: folder, device: .cpu).run(
                observer: StopAfter(steps: 4))
        }
        let bytes = try #require(FileManager.default.contents(atPath: folder.latestCheckpoint))
        try Data(bytes.prefix(bytes.count / 2)).write(to: URL(fileURLWithPath: folder.latestCheckpoint))
        #expect(throws: TorchError.self) {
            _ = try TrainingSession(resuming: folder, device: .cpu).run(observer: StopAfter(steps: .max))
        }
    }
}
