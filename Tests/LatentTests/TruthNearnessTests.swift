import Foundation
import Testing

@testable import Latent

@Suite struct TruthNearnessTests {
    /// Two groups on a line: 0, 1, 2 and 10, 11, 12; the particle at 2 belongs to the far state.
    @Test func sharesOfNeighboursAreCountedByHand() throws {
        let codes = try Matrix(rows: [[0], [1], [2], [10], [11], [12]])
        let truth = try TruthNearness(states: [0, 0, 1, 1, 1, 1], positions: nil, neighbours: 2)
        // Of two neighbours each: 0 -> 1, 2: one; 1 -> 0, 2: one; 2 -> 0, 1: none; 10, 11, 12 -> all.
        #expect(try truth.kept(in: codes, neighbours: 2, threads: 1) == 8.0 / 12)
        // Same state: 2 of 2 x 1 ordered pairs and 4 x 3 of 6 x 5.
        #expect((truth.byChance - 14.0 / 30).magnitude < 1e-15)
    }

    @Test func statesAtEqualDistanceComeInTogether() throws {
        // A square of four states with two particles each; k = 2 wants one fellow and one of the next states,
        // of which two are equally far.
        let corners = [[1.0, 0], [0, 1], [-1, 0], [0, -1]]
        let states = [0, 0, 1, 1, 2, 2, 3, 3]
        let truth = try TruthNearness(states: states, positions: corners, neighbours: 2)
        #expect(truth.near[0] == [0, 1, 3])
        #expect(truth.near[2] == [1, 2, 3])
        #expect((truth.byChance - 5.0 / 7).magnitude < 1e-15)
        let fellows = try TruthNearness(states: states, positions: corners, neighbours: 1)
        #expect(fellows.near[1] == [1])
    }

    @Test func clustersCountTheirFellows() throws {
        let truth = try TruthNearness(states: [0, 0, 0, 1, 1, 2], positions: nil, neighbours: 1)
        // Cluster 5 holds 0, 0, 1: shares 1/2, 1/2, 0. Cluster 6 holds 0, 1: 0, 0. The last is alone.
        #expect(try truth.kept(inClusters: [5, 5, 6, 5, 6, 7]) == 0.2)
    }

    @Test func codesOnACircleKeepItAndNoiseDoesNot() throws {
        var g = RandomSource(seed: 4)
        let n = 400
        let states = (0..<n).map { $0 % 50 }
        let circle = (0..<50).map { state -> [Double] in
            let a = 2 * Double.pi * Double(state) / 50
            return [cos(a), sin(a)]
        }
        let truth = try TruthNearness(states: states, positions: circle, neighbours: 20)
        let good = try Matrix(rows: states.map { circle[$0].map { Float($0 + 0.001 * (g.uniform() - 0.5)) } })
        let noise = try Matrix(rows: states.map { _ in [Float(g.uniform()), Float(g.uniform())] })
        let (kept, lost) = (
            try truth.kept(in: good, neighbours: 20), try truth.kept(in: noise, neighbours: 20)
        )
        #expect(kept == 1)
        #expect(abs(lost - truth.byChance) < 0.02)
        let places = states.map { circle[$0] }
        #expect(try CoordinateRecovery.spearman(codes: good, truth: places, neighbours: 20) > 0.99)
        #expect(abs(try CoordinateRecovery.spearman(codes: noise, truth: places, neighbours: 20)) < 0.15)
    }

    /// scikit-learn's neighbours: Golden/make_neighbourhood.py.
    @Test func sharesAreThoseOfScikitLearnsNeighbours() throws {
        for golden in try NeighbourhoodGolden.load().neighbourhood {
            let codes = try Matrix(rows: golden.codes)
            let truth = try TruthNearness(
                states: golden.states, positions: golden.positions, neighbours: golden.neighbours)
            let kept = try truth.kept(in: codes, neighbours: golden.neighbours)
            #expect((kept - golden.kept).magnitude < 1e-12, "\(golden.name)")
            #expect((truth.byChance - golden.byChance).magnitude < 1e-12, "\(golden.name)")
            guard let positions = golden.positions, let wanted = golden.spearman else { continue }
            let found = try CoordinateRecovery.spearman(
                codes: codes, truth: golden.states.map { positions[$0] }, neighbours: golden.neighbours)
            #expect((found - wanted).magnitude < 1e-9, "\(golden.name)")
        }
    }

    @Test func coordinatesFromClustersLeaveTheParticleOut() throws {
        // Clusters of 1, 2 and 9, 10: the others' means are 2, 1, 10, 9; ranks 1...4 against 2, 1, 4, 3.
        let found = try CoordinateRecovery.spearman(clusters: [0, 0, 1, 1], truth: [[1], [2], [9], [10]])
        #expect((found - 0.6).magnitude < 1e-12)
    }

    @Test func wantedParticlesAreTakenByWholeClusters() throws {
        // Cluster 1: 8 of 10; cluster 2: 2 of 5; cluster 3: none of 5. 90 % of 10 wants both.
        let clusters =
            Array(repeating: 1, count: 10) + Array(repeating: 2, count: 5) + Array(repeating: 3, count: 5)
        let wanted = (0..<20).map { $0 < 8 || (10..<12).contains($0) }
        #expect(try SelectionMeasures.precision(clusters: clusters, wanted: wanted) == 10.0 / 15)
        #expect(try SelectionMeasures.precision(clusters: clusters, wanted: wanted, recall: 0.8) == 0.8)
        #expect(try SelectionMeasures.precision(clusters: [1, 1], wanted: [false, false]) == nil)
    }

    @Test func badInputIsRefused() throws {
        #expect(throws: LatentError.self) {
            try TruthNearness(states: [0, 1], positions: nil, neighbours: 2)
        }
        #expect(throws: LatentError.self) { try TruthNearness(states: [], positions: nil, neighbours: 1) }
        #expect(throws: LatentError.self) {
            try TruthNearness(states: [0, 3], positions: [[0], [1]], neighbours: 1)
        }
        let truth = try TruthNearness(states: [0, 1], positions: nil, neighbours: 1)
        #expect(throws: LatentError.self) { try truth.kept(inClusters: [0]) }
        #expect(throws: LatentError.self) { try CoordinateRecovery.spearman(clusters: [0], truth: []) }
    }
}

/// Results of scikit-learn and SciPy.
struct NeighbourhoodGolden: Decodable {
    struct Kept: Decodable {
        let name: String, codes: [[Float]], states: [Int], positions: [[Double]]?, neighbours: Int
        let kept: Double, byChance: Double, spearman: Double?
    }
    let neighbourhood: [Kept]

    static func load() throws -> NeighbourhoodGolden {
        guard
            let url = Bundle.module.url(
                forResource: "neighbourhood", withExtension: "json", subdirectory: "Golden")
        else { throw CocoaError(.fileNoSuchFile) }
        return try JSONDecoder().decode(NeighbourhoodGolden.self, from: Data(contentsOf: url))
    }
}
