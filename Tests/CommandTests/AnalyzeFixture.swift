import Analysis
import CryoIO
import Foundation
import OpusDSD
import Simulation
import TestSupport
import Torch

@testable import dsd

/// A run on few, small images: 160 particles of a dumbbell in four states, trained for two short epochs with the
/// poses of the file.
struct AnalyzeFixture {
    static let settings: DemoSettings = {
        var settings = DemoSettings()
        settings.phantom = DumbbellPhantom(states: 4, beadsPerLobe: 60)
        (settings.count, settings.box, settings.pixelSize, settings.snr) = (160, 24, 11, 0.5)
        settings.stages = [.init(box: 16, images: 200)]
        settings.clusters = 4
        settings.embeddingPasses = 20
        return settings
    }()

    let temporary: TemporaryFolder
    var particles: String { temporary.file("data/particles.star") }
    var truth: String { temporary.file("data/truth.npz") }
    var folder: RunFolder { RunFolder(temporary.file("run")) }
    var analysis: AnalysisFolder { AnalysisFolder(folder) }

    init() throws {
        temporary = try TemporaryFolder()
        let settings = Self.settings
        try ParticleSimulator(
            ensemble: try settings.phantom.ensemble(), settings: settings.simulation, threads: 2
        ).write(to: temporary.file("data"))
        var configuration = settings.configuration(workers: 2)
        configuration.poseRefinement.enabled = false
        let record = RunRecord(
            program: .init(version: DSD.version, torch: "", commandLine: "test"),
            inputs: .init(particles: temporary.file("data/particles.star")),
            configuration: try configuration.validated())
        _ = try TrainingSession(new: record, folder: RunFolder(temporary.file("run")), device: .cpu)
            .run(observer: SilentObserver())
    }

    /// One run for the tests that only read it; each test analyses it anew.
    static let shared = Result { try AnalyzeFixture() }
}

private struct SilentObserver: TrainingObserver {
    func step(_ progress: TrainingProgress) {}
    func epoch(_ metrics: EpochMetrics) {}
    func stage(_ index: Int, geometry: StageGeometry, parameters: Int, epochs: Int) {}
    func inferring(_ done: Int, of count: Int) {}
    func refining(_ done: Int, of count: Int) {}
    func refined(_ found: PoseSpread) {}
    var shouldStop: Bool { false }
}
