import Analysis
import CryoIO
import Foundation
import OpusDSD
import Simulation

/// Every number of the demonstration.
struct DemoSettings: Codable, Equatable, Sendable {
    /// A stage of the training: images of `box` pixels a side, `images` of them seen.
    struct Stage: Codable, Equatable, Sendable {
        var box: Int
        var images: Int
    }

    var phantom = DumbbellPhantom(states: 8)
    var count = 6000
    var box = 64
    var pixelSize = 4.0
    var snr = 0.1
    /// Pixels on both axes.
    var maximumShift = 2.0
    /// Angstrom.
    var defocus = 10_000.0...25_000.0
    /// Images that `usualMinutes` of training see on two processor cores.
    var stages = [Stage(box: 32, images: 27_000), Stage(box: 64, images: 10_800)]
    /// Largest norm of the gradient.
    var clip = 1.0
    var clusters = 8
    var embeds = true
    var embeddingPasses: Int?
    var seed: UInt64 = 1

    static let usualMinutes = 4.0

    init() {}

    /// - Throws: `DataError` for a time that is no positive number.
    init(minutes: Double?, seed: UInt64) throws(DataError) {
        self.seed = seed
        guard let minutes else { return }
        guard minutes > 0, minutes <= 10_000 else {
            throw DataError(
                file: nil, "--minutes cannot be used", found: "\(minutes)", wanted: "above 0, at most 10000",
                remedy: "Leave it out for about \(Int(Self.usualMinutes)) minutes")
        }
        for index in stages.indices {
            stages[index].images = max(1, Int(Double(stages[index].images) * minutes / Self.usualMinutes))
        }
    }

    var simulation: SimulationSettings {
        SimulationSettings(
            count: count, box: box, pixelSize: pixelSize, snr: snr, maximumShift: maximumShift, seed: seed,
            ctf: CTFRange(defocus: defocus))
    }

    /// The preset `small` with the boxes and lengths of the stages.
    /// - Parameter workers: parts of a batch; 0 leaves the number to the machine.
    func configuration(workers: Int) -> Configuration {
        var configuration = Configuration.Preset.small.configuration
        let preset = configuration.stages
        configuration.stages = stages.enumerated().map { index, stage in
            var filled = preset[min(index, preset.count - 1)]
            (filled.box, filled.images, filled.epochs) = (stage.box, stage.images, 0)
            return filled
        }
        configuration.inference.roundImages = max(1, (stages.first?.images ?? 0) / 4)
        configuration.optimizer.clip = clip
        configuration.seed = seed
        configuration.numerics.workers = workers
        return configuration
    }

    var analysis: AnalysisSettings {
        var settings = AnalysisSettings()
        (settings.clusters, settings.embeds, settings.embeddingPasses) = (clusters, embeds, embeddingPasses)
        return settings
    }
}
