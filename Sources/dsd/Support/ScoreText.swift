import Analysis
import Foundation

/// A score in words.
struct ScoreText {
    let score: RunScore

    init(_ score: RunScore) { self.score = score }

    var text: String { (measures + [""] + overlap + maps).joined(separator: "\n") }

    private var measures: [String] {
        let (found, chance) = (score.partition, score.chance)
        func line(_ name: String, _ value: Double, _ random: Double) -> String {
            Self.padded(name, 32) + String(format: "%8.4f   %8.4f", value, random)
        }
        return [
            "\(score.particles) particles, \(score.clusters.count) clusters from "
                + (score.labels ?? "k-means of the latent means") + ", \(score.states.count) states",
            Self.padded("", 32) + "   score   by chance",
            line("entropy (log10, lower is better)", found.entropy, chance.entropy),
            line("adjusted Rand index", found.adjustedRandIndex, chance.adjustedRandIndex),
            line(
                "normalised mutual information", found.normalisedMutualInformation,
                chance.normalisedMutualInformation),
            line("accuracy", found.accuracy, chance.accuracy),
            line(
                "\(score.neighbours) neighbours of the same state", score.neighbourhood,
                score.neighbourhoodByChance),
        ]
    }

    /// Particles of each state in each cluster.
    private var overlap: [String] {
        let head = "cluster  " + score.states.map { Self.number("state \($0)") }.joined()
        return [head]
            + zip(score.clusters, score.counts).map { cluster, row in
                Self.padded("\(cluster)", 9) + row.map { Self.number("\($0)") }.joined()
            }
    }

    private var maps: [String] {
        guard let maps = score.maps else { return [] }
        func cell(_ found: MapScore.Agreement?) -> String {
            guard let found else { return Self.number("-", 18) }
            let resolution = found.resolution.map { String(format: "%6.2f A", $0) } ?? "    none"
            return Self.number(String(format: "%.3f ", found.area) + resolution, 18)
        }
        let head = ["decoded", "reconstruction", "mean of truth", "consensus"].map { Self.number($0, 18) }
            .joined()
        return ["", "area under the FSC with the true map, resolution at 0.5", "cluster  state" + head]
            + maps.map { map in
                Self.padded("\(map.cluster)", 9) + Self.number("\(map.state)", 5) + cell(map.decoded)
                    + cell(map.reconstruction) + cell(map.mean) + cell(map.consensus)
            } + misplacements(maps)
    }

    /// The rigid motion between each map and the true one.
    private func misplacements(_ maps: [MapScore]) -> [String] {
        func cell(_ found: MapScore.Agreement?) -> String {
            guard let turn = found?.turn, let shift = found?.shift else { return Self.number("-", 18) }
            return Self.number(String(format: "%.2f deg %5.2f A", turn, shift), 18)
        }
        return ["", "turn and shift that lay the true map over the cluster's", "cluster  state"
            + ["decoded", "reconstruction"].map { Self.number($0, 18) }.joined()]
            + maps.map { map in
                Self.padded("\(map.cluster)", 9) + Self.number("\(map.state)", 5) + cell(map.decoded)
                    + cell(map.reconstruction)
            }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func number(_ text: String, _ width: Int = 10) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
