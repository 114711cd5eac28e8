import Foundation
import Testing

@testable import Latent

@Suite struct AgreementTests {
    @Test func measuresAreThoseOfScikitLearn() throws {
        for golden in try Golden.load().agreement {
            let found = try Contingency(clusters: golden.clusters, classes: golden.classes)
            #expect((found.meanClusterEntropy - golden.entropy).magnitude < 1e-9, "\(golden.name)")
            #expect((found.adjustedRandIndex - golden.ari).magnitude < 1e-9, "\(golden.name)")
            #expect((found.normalisedMutualInformation - golden.nmi).magnitude < 1e-9, "\(golden.name)")
            #expect((found.accuracy - golden.accuracy).magnitude < 1e-9, "\(golden.name)")
        }
    }

    @Test func entropyOfEightEqualClassesByChanceIsLog10Of8() throws {
        let all = (0..<64).map { $0 }
        let found = try Contingency(clusters: all.map { $0 / 8 }, classes: all.map { $0 % 8 })
        #expect((found.meanClusterEntropy - log10(8)).magnitude < 1e-12)
        #expect(found.adjustedRandIndex < 0)
        #expect(found.accuracy == 0.125)
    }

    @Test func matchingNamesTheClassOfEveryCluster() throws {
        let found = try Contingency(clusters: [0, 0, 1, 1, 2], classes: [7, 7, 5, 5, 5])
        #expect(found.bestMatching == [7, 5, nil])
        #expect(found.counts == [[0, 2], [2, 0], [1, 0]])
        #expect(found.accuracy == 0.8)
        #expect(found.total == 5)
    }

    @Test func assignmentIsTheBestOfAllPermutations() {
        var g = RandomSource(seed: 8)
        func best(_ table: [[Int]], _ row: Int, _ used: Set<Int>) -> Int {
            guard row < table.count else { return 0 }
            return table[row].indices.filter { !used.contains($0) }
                .map { table[row][$0] + best(table, row + 1, used.union([$0])) }.max() ?? 0
        }
        for n in 1...6 {
            for _ in 0..<4 {
                let table = (0..<n).map { _ in (0..<n).map { _ in g.below(20) } }
                let chosen = OptimalAssignment.maximising(table)
                #expect(Set(chosen.compactMap { $0 }).count == n)
                let gain = zip(table, chosen).reduce(0) { sum, pair in sum + (pair.1.map { pair.0[$0] } ?? 0)
                }
                #expect(gain == best(table, 0, []))
            }
        }
    }

    @Test func badInputIsRefusedWithARemedy() {
        #expect(throws: LatentError.self) { try Contingency(clusters: [], classes: []) }
        #expect(throws: LatentError.self) { try Contingency(clusters: [1, 2], classes: [1]) }
        #expect(throws: LatentError.self) { try RankCorrelation.spearman([1, 2], [1]) }
        #expect(throws: LatentError.self) { try RankCorrelation.spearman([1], [1]) }
        #expect(throws: LatentError.self) { try RankCorrelation.spearman([1, 1, 1], [1, 2, 3]) }
        let nan = #expect(throws: LatentError.self) { try RankCorrelation.spearman([1, .nan], [1, 2]) }
        #expect(nan?.kind == .notFinite(row: 1))
    }

    @Test func spearmanIsThatOfSciPyWithTies() throws {
        for golden in try Golden.load().spearman {
            let found = try RankCorrelation.spearman(golden.x, golden.y)
            #expect((found - golden.rho).magnitude < 1e-12)
        }
        #expect(try RankCorrelation.spearman([1, 2, 3], [10, 20, 90]) == 1)
        #expect(try RankCorrelation.spearman([1, 2, 3], [3, 2, 1]) == -1)
    }
}
