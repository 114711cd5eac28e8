import Foundation
import Testing

@testable import Latent

@Suite struct StateClustersTests {
    /// What SciPy and scikit-learn find.
    private struct Golden: Decodable {
        struct Ward: Decodable { let rows: Int, seed: UInt64, heights: [Double], groups: [Int] }
        struct Width: Decodable { let set: String, modulus: Int, value: Double }
        let ward: [Ward]
        let silhouette: [Width]

        static func load() throws -> Golden {
            let url = try #require(Bundle.module.url(forResource: "Golden/clusters", withExtension: "json"))
            return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
        }
    }

    @Test func mergesOfWardAreThoseOfSciPy() throws {
        for golden in try Golden.load().ward {
            let found = try Dendrogram(DataSets.lobes(golden.rows, seed: golden.seed), .ward)
            #expect(found.merges.count == golden.heights.count)
            for (a, b) in zip(found.merges, golden.heights) { #expect((a.height - b).magnitude < 1e-6) }
            let groups = found.groups(min(5, golden.rows))
            #expect(Set(groups) == Set(0..<min(5, golden.rows)))
            #expect(try Contingency(clusters: groups, classes: golden.groups).adjustedRandIndex == 1)
        }
    }

    @Test func silhouettesAreThoseOfScikitLearn() throws {
        for golden in try Golden.load().silhouette {
            let data = try DataSets.named(golden.set)
            let labels = (0..<data.rows).map { $0 % golden.modulus }
            let one = try Silhouette.mean(data, labels: labels, threads: 1)
            #expect((one - golden.value).magnitude < 1e-5, "\(golden.set) \(golden.modulus)")
            #expect(try Silhouette.mean(data, labels: labels, threads: 3) == one)
        }
        let data = try DataSets.named("lobes")
        #expect(throws: LatentError.self) { try Silhouette.mean(data, labels: [0, 1]) }
        #expect(throws: LatentError.self) {
            try Silhouette.mean(data, labels: [Int](repeating: 0, count: data.rows))
        }
        // A cluster that none of the rows at even steps is of.
        let many = try Matrix(
            rows: 2 * Silhouette.most, columns: 1, values: (0..<(2 * Silhouette.most)).map(Float.init))
        #expect(try Silhouette.mean(many, labels: (0..<many.rows).map { $0 == 1 ? 1 : 0 }) == 0)
    }

    /// Nearly normal, of variance 1.
    private func bell(_ g: inout RandomSource) -> Double {
        1.732 * (g.uniform() + g.uniform() + g.uniform() + g.uniform() - 2)
    }

    /// Three frequent states and four rare ones, a place of its own on the axes for each.
    private func uneven() throws -> (data: Matrix, states: [Int]) {
        var g = RandomSource(seed: 5)
        var rows: [[Float]] = []
        var states: [Int] = []
        for state in 0..<7 {
            for _ in 0..<(state < 3 ? 200 : 8) {
                rows.append(
                    (0..<8).map { axis in
                        Float((axis == state ? 5 : 0) + (state < 3 ? 1 : 0.5) * bell(&g))
                    })
                states.append(state)
            }
        }
        return (try Matrix(rows: rows), states)
    }

    @Test func rareStatesGetClustersOfTheirOwn() throws {
        let (data, states) = try uneven()
        let settings = KMeansSettings(clusters: 7)
        let plain = try KMeans.fit(data, settings)
        let found = try StateClusters.fit(data, settings)
        // k-means cuts frequent states.
        #expect(try Contingency(clusters: plain.labels, classes: states).adjustedRandIndex < 0.8)
        #expect(try Contingency(clusters: found.labels, classes: states).adjustedRandIndex > 0.95)
        #expect(try StateClusters.fit(data, settings, threads: 1) == found)
    }

    /// Three states beside each other, twelve times as long as wide.
    private func drawnOut() throws -> (data: Matrix, states: [Int]) {
        var g = RandomSource(seed: 6)
        var rows: [[Float]] = []
        for row in 0..<900 {
            let (along, across) = (6 * bell(&g), 0.5 * bell(&g) + 4 * Double(row % 3))
            rows.append([
                Float(0.8 * along - 0.6 * across), Float(0.6 * along + 0.8 * across), Float(bell(&g)),
            ])
        }
        return (try Matrix(rows: rows), (0..<900).map { $0 % 3 })
    }

    @Test func statesThatAreDrawnOutAreNotCut() throws {
        let (data, states) = try drawnOut()
        let settings = KMeansSettings(clusters: 3)
        let plain = try KMeans.fit(data, settings)
        let found = try StateClusters.fit(data, settings)
        #expect(try Contingency(clusters: plain.labels, classes: states).adjustedRandIndex < 0.5)
        #expect(try Contingency(clusters: found.labels, classes: states).adjustedRandIndex > 0.99)
        #expect(try StateClusters.fit(data, settings, threads: 1) == found)

        // What is said of the clusters is of the codes, not of the codes in other units.
        var inertia = 0.0
        for k in 0..<3 {
            let own = data.selecting(rows: found.labels.indices.filter { found.labels[$0] == k })
            for c in 0..<3 {
                let column = own.column(c).map(Double.init)
                let mean = column.reduce(0, +) / Double(column.count)
                #expect((mean - Double(found.centres[k, c])).magnitude < 1e-5)
                inertia += column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            }
            #expect(found.labels[found.nearestRows[k]] == k)
        }
        #expect((found.inertia - inertia).magnitude < 1e-5 * inertia)
        #expect(found.inertia > plain.inertia)
    }

    @Test func elsewhereKMeansStands() throws {
        for (name, count) in [("blobs", 8), ("roll", 12), ("lobes", 4), ("lobes", 1)] {
            let data = try DataSets.named(name)
            let settings = KMeansSettings(clusters: count)
            #expect(try StateClusters.fit(data, settings) == KMeans.fit(data, settings), "\(name)")
        }
        // Too few rows for small clusters, and many equal ones.
        let few = try Matrix(rows: [[0, 0], [0, 0], [1, 0], [5, 5], [5, 5], [9, 1]])
        #expect(try StateClusters.fit(few, KMeansSettings(clusters: 4)).inertia < 1e-9)
        let equal = try Matrix(rows: (0..<500).map { [Float($0 % 4), 0] })
        #expect(try StateClusters.fit(equal, KMeansSettings(clusters: 3)).counts.count == 3)
        #expect(throws: LatentError.self) { try StateClusters.fit(equal, KMeansSettings(clusters: 5)) }
    }
}
