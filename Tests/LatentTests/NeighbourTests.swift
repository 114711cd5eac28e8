import Testing

@testable import Latent

@Suite struct NeighbourTests {
    /// Every other row by distance, then by number.
    private func exhaustive(_ data: Matrix, _ query: ArraySlice<Float>, skipping row: Int?) -> [(
        Float, Int32
    )] {
        (0..<data.rows).filter { $0 != row }.map { other in
            let squared = zip(query, data.row(other)).reduce(Float(0)) {
                $0 + ($1.1 - $1.0) * ($1.1 - $1.0)
            }
            return (squared.squareRoot(), Int32(other))
        }.sorted { $0 < $1 }
    }

    @Test func neighboursAreExactAtEveryWidth() throws {
        for columns in [1, 2, 3, 8, 20] {
            let data = try DataSets.blobs(300, columns: columns, centres: 4, seed: 21, spread: 4)
            let found = try NeighbourIndex(data).neighbours(7)
            for row in stride(from: 0, to: 300, by: 13) {
                let wanted = exhaustive(data, data.row(row), skipping: row).prefix(7)
                #expect(Array(found.of(row)) == wanted.map(\.1))
                for (k, pair) in wanted.enumerated() {
                    #expect((found.distances[row * 7 + k] - pair.0).magnitude < 1e-4)
                }
            }
        }
    }

    @Test func equalRowsAreFoundInTheOrderOfTheirNumbers() throws {
        let data = try Matrix(rows: [[Float]](repeating: [1, 1], count: 100) + [[2, 2]])
        let found = try NeighbourIndex(data).neighbours(3)
        #expect(Array(found.of(0)) == [1, 2, 3])
        #expect(Array(found.of(50)) == [0, 1, 2])
        #expect(Array(found.of(100)) == [0, 1, 2])
    }

    @Test func queriesFromOutsideFindTheIndexedRows() throws {
        let data = try DataSets.named("lobes")
        let queries = try DataSets.lobes(20, seed: 99)
        let found = try NeighbourIndex(data).neighbours(of: queries, 4, threads: 2)
        for row in 0..<20 {
            #expect(
                Array(found.of(row)) == exhaustive(data, queries.row(row), skipping: nil).prefix(4).map(\.1))
        }
    }

    @Test func badInputIsRefusedWithARemedy() throws {
        let index = try NeighbourIndex(Matrix(rows: [[0], [1], [2]]))
        #expect(throws: LatentError.self) { try index.neighbours(3) }
        #expect(throws: LatentError.self) { try index.neighbours(0) }
        #expect(throws: LatentError.self) { try index.neighbours(of: Matrix(rows: [[1, 2]]), 1) }
        #expect(throws: LatentError.self) { try NeighbourIndex(Matrix(zeros: 0, 4)) }
        #expect(throws: LatentError.self) { try NeighbourIndex(Matrix(rows: [[.infinity]])) }
    }
}

@Suite struct NeighbourhoodMeasureTests {
    @Test func trustworthinessIsThatOfScikitLearn() throws {
        for golden in try Golden.load().umap {
            let data = try DataSets.named(golden.set)
            let firstTwo = try Matrix(rows: (0..<data.rows).map { [data[$0, 0], data[$0, 1]] })
            let found = try NeighbourhoodMeasures.trustworthiness(
                of: firstTwo, original: data, neighbours: 15)
            #expect((found - golden.fixed).magnitude < 1e-6)
            let part = try NeighbourhoodMeasures.trustworthiness(
                of: firstTwo, original: data, neighbours: 15, sampled: 200)
            #expect((part - golden.fixed).magnitude < 0.03)
        }
    }

    @Test func aTableKeepsItsOwnNeighbourhoodsAndItsLabels() throws {
        let data = try DataSets.blobs(200, columns: 3, centres: 4, seed: 31, spread: 0.3)
        let labels = (0..<200).map { $0 % 4 }
        #expect(try NeighbourhoodMeasures.overlap(of: data, with: data, neighbours: 10) == 1)
        #expect(try NeighbourhoodMeasures.trustworthiness(of: data, original: data, neighbours: 10) == 1)
        #expect(try NeighbourhoodMeasures.labelAgreement(of: data, labels: labels, neighbours: 10) == 1)
        let other = try DataSets.lobes(200, seed: 5)
        let chance = try NeighbourhoodMeasures.labelAgreement(of: other, labels: labels, neighbours: 10)
        #expect((chance - 0.245).magnitude < 0.05)
        #expect(try NeighbourhoodMeasures.overlap(of: data, with: other, neighbours: 10) < 0.12)
    }

    @Test func badInputIsRefusedWithARemedy() throws {
        let data = try DataSets.lobes(20, seed: 5)
        let fewer = try DataSets.lobes(19, seed: 5)
        #expect(throws: LatentError.self) {
            try NeighbourhoodMeasures.trustworthiness(of: data, original: data, neighbours: 10)
        }
        #expect(throws: LatentError.self) {
            try NeighbourhoodMeasures.overlap(of: data, with: fewer, neighbours: 2)
        }
        #expect(throws: LatentError.self) {
            try NeighbourhoodMeasures.labelAgreement(of: data, labels: [1], neighbours: 2)
        }
    }
}
