import Testing

@testable import Latent

@Suite struct AssociationTests {
    @Test func independentPropertiesShareNothing() throws {
        var g = RandomSource(seed: 1)
        var small = 0
        for round in 0..<20 {
            let labels = (0..<600).map { _ in g.below(4) }
            let classes = (0..<600).map { _ in g.below(48) }
            let found = try Association(
                labels: labels, count: 4, classes: classes, permutations: 99, seed: UInt64(round))
            #expect(found.clusters.allSatisfy { $0.share.magnitude < 0.06 })
            small += found.clusters.count { $0.probability <= 0.05 }
        }
        // 80 tests at the level 0.05: 4 are expected, more than 12 in one of 5000 rounds of tests.
        #expect(small <= 12)
    }

    @Test func aClusterThatIsAPropertySharesAll() throws {
        var g = RandomSource(seed: 2)
        let classes = (0..<1000).map { _ in g.below(10) }
        // Cluster 0 holds the classes 0 to 2 and nothing else; 1 and 2 are dealt out at random.
        let labels = classes.map { $0 < 3 ? 0 : 1 + g.below(2) }
        let found = try Association(labels: labels, count: 3, classes: classes)
        #expect(found.clusters[0].share > 0.999 && found.clusters[0].probability == 0.005)
        #expect(found.clusters[1].share > 0.05 && found.clusters[1].share < 0.4)
    }

    @Test func aPreferenceIsBetweenTheTwo() throws {
        var g = RandomSource(seed: 3)
        let classes = (0..<4000).map { _ in g.below(8) }
        // Twice as many of the classes 0 to 3 in cluster 0 as elsewhere: real, and far from all there is to
        // know.
        let labels = classes.map { g.uniform() < ($0 < 4 ? 0.4 : 0.2) ? 0 : 1 }
        let found = try Association(labels: labels, count: 2, classes: classes)
        #expect(found.clusters[0].probability == 0.005)
        #expect(found.clusters[0].share > 0.02 && found.clusters[0].share < 0.1)
    }

    @Test func quantilesAreEqualParts() {
        let parts = Association.quantiles((0..<1000).map { Double(($0 * 37) % 1000) }, parts: 10)
        #expect((0..<10).allSatisfy { part in parts.count { $0 == part } == 100 })
        #expect(Set(Association.quantiles([2, 2, 2, 2], parts: 10)) == [0])
    }

    @Test func badInputIsRefused() {
        #expect(throws: LatentError.self) { try Association(labels: [0], count: 1, classes: [0, 1]) }
        #expect(throws: LatentError.self) { try Association(labels: [2], count: 2, classes: [0]) }
        #expect(throws: LatentError.self) { try Association(labels: [], count: 2, classes: []) }
    }
}
