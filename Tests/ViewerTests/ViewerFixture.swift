import Analysis
import CryoIO
import Foundation
import OpusDSD
import Simulation
import TestSupport
import Torch

/// A run of 120 small images, trained for a moment and analysed: what the viewer is opened on.
struct ViewerFixture {
    let temporary: TemporaryFolder
    var folder: RunFolder { RunFolder(temporary.file("run")) }
    static let clusters = 3

    private init() throws {
        temporary = try TemporaryFolder()
        let particles = temporary.file("data")
        try ParticleSimulator(
            ensemble: try DumbbellPhantom(states: 3, beadsPerLobe: 40).ensemble(),
            settings: SimulationSettings(count: 120, box: 24, pixelSize: 11, snr: 1), threads: 2
        ).write(to: particles)
        var configuration = Configuration.Preset.small.configuration
        configuration.stages = Array(configuration.stages.prefix(1))
        (configuration.stages[0].box, configuration.stages[0].images, configuration.stages[0].epochs) = (
            16, 120, 1
        )
        configuration.numerics.workers = 1
        // Seven steps teach a decoder nothing that poses could be refined by.
        configuration.poseRefinement.enabled = false
        let record = RunRecord(
            program: .init(version: "test", torch: "", commandLine: "test"),
            inputs: .init(particles: particles + "/particles.star"),
            configuration: try configuration.validated())
        let folder = RunFolder(temporary.file("run"))
        _ = try TrainingSession(new: record, folder: folder, device: .cpu).run(observer: Silence())
        var settings = AnalysisSettings()
        (settings.clusters, settings.embeddingPasses) = (Self.clusters, 20)
        _ = try LatentAnalysis(folder, settings: settings, threads: 2).perform()
    }

    /// One run for all tests; what they save has names of its own.
    static let shared = Result { try ViewerFixture() }
}

private struct Silence: TrainingObserver {
    func step(_ progress: TrainingProgress) {}
    func epoch(_ metrics: EpochMetrics) {}
    func stage(_ index: Int, geometry: StageGeometry, parameters: Int, epochs: Int) {}
    func inferring(_ done: Int, of count: Int) {}
    func refining(_ done: Int, of count: Int) {}
    func refined(_ found: PoseSpread) {}
    var shouldStop: Bool { false }
}
