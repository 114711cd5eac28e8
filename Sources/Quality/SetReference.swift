import Analysis
import CryoEM
import CryoIO
import Latent

/// The two anchors of a set, on the same images as every result: what a map without any heterogeneity
/// reaches, and what true labels reach.
struct SetReference: Codable, Equatable, Sendable {
    let rows: [Int]
    /// Areas of the reconstruction from all images.
    let consensus: [Double]
    /// Areas of the reconstruction from the images of the same state; of a continuous family, from the
    /// nearest images in truth.
    let truth: [Double]
    /// Images about which the nearest ones in truth were taken: the number, of several tried, with the
    /// largest mean area; nil for discrete states.
    let window: Int?

    var meanConsensus: Double { Self.mean(consensus) }
    var meanTruth: Double { Self.mean(truth) }

    /// - Parameter consensus: reconstruction from all images.
    init(_ set: LoadedSet, consensus: DensityMap, report: (String) -> Void) throws {
        rows = set.rows
        self.consensus = try set.areas { _ in consensus }
        let discrete = try set.areas(clusters: set.truth.states)
        guard let positions = set.truth.positions else {
            (truth, window) = (discrete, nil)
            return
        }
        var best = (areas: discrete, window: 1)
        for share in [100, 50, 20, 10, 5] {
            let window = set.count / share
            guard window >= 2, window < set.count else { continue }
            report("true labels, \(window) nearest images")
            let near = try TruthNearness(
                states: set.truth.states, positions: positions, neighbours: window
            ).near
            let members = set.members
            var made: [Int: DensityMap] = [:]
            let areas = try set.areas { row in
                let state = set.truth.states[row]
                if let map = made[state] { return map }
                let rows = (near[state] ?? []).flatMap { members[$0] ?? [] }.sorted()
                made[state] = try set.reconstruction(rows)
                return made[state]
            }
            if Self.mean(areas) > Self.mean(best.areas) { best = (areas, window) }
        }
        (truth, window) = (best.areas, best.window)
    }

    static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }

    /// Share of the gap between the anchors that a mean area closes; nil where true labels are no better than
    /// the consensus by 0.002 at least.
    func closed(_ area: Double) -> Double? {
        let gap = meanTruth - meanConsensus
        return gap < 0.002 ? nil : (area - meanConsensus) / gap
    }
}
