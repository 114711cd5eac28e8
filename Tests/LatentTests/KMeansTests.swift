import Testing

@testable import Latent

@Suite struct KMeansTests {
    @Test func inertiaIsWithinOnePercentOfScikitLearn() throws {
        for golden in try Golden.load().kmeans {
            let found = try KMeans.fit(DataSets.named(golden.set), KMeansSettings(clusters: golden.clusters))
            #expect(found.inertia < 1.01 * golden.inertia, "\(golden.set)")
        }
    }

    @Test func separateBlobsAreFoundExactly() throws {
        let data = try DataSets.blobs(400, columns: 8, centres: 8, seed: 11, spread: 0.5)
        let found = try KMeans.fit(data, KMeansSettings(clusters: 8))
        let agreement = try Contingency(clusters: found.labels, classes: (0..<400).map { $0 % 8 })
        #expect(agreement.accuracy == 1)
        #expect(found.counts == [Int](repeating: 50, count: 8))
    }

    @Test func resultsDoNotDependOnTheNumberOfThreads() throws {
        let data = try DataSets.blobs(5000, columns: 4, centres: 5, seed: 12, spread: 3)
        var settings = KMeansSettings(clusters: 5)
        settings.restarts = 2
        let one = try KMeans.fit(data, settings, threads: 1)
        #expect(try KMeans.fit(data, settings, threads: 3) == one)
    }

    @Test func centresAreMeansAndSnapToTheirNearestRow() throws {
        let data = try DataSets.named("lobes").selecting(rows: Array(0..<300))
        let found = try KMeans.fit(data, KMeansSettings(clusters: 4))
        let snapped = found.snappedCentres(in: data)
        for k in 0..<4 {
            let members = (0..<300).filter { found.labels[$0] == k }
            for c in 0..<6 {
                let mean = members.reduce(0.0) { $0 + Double(data[$1, c]) } / Double(members.count)
                #expect((Double(found.centres[k, c]) - mean).magnitude < 1e-4)
            }
            let distances = (0..<300).map { row in
                zip(data.row(row), found.centres.row(k)).reduce(Float(0)) {
                    $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
                }
            }
            #expect(distances[found.nearestRows[k]] <= (distances.min() ?? 0) * 1.0001)
            #expect(Array(snapped.row(k)) == Array(data.row(found.nearestRows[k])))
        }
    }

    @Test func clustersAreNumberedInLeafOrder() throws {
        let data = try DataSets.named("roll")
        let found = try KMeans.fit(data, KMeansSettings(clusters: 12))
        let order = try Dendrogram(found.snappedCentres(in: data))
        // Every merge joins a run of consecutive numbers.
        var members = (0..<12).map { [$0] }
        for merge in order.merges {
            let joined = (members[merge.left] + members[merge.right]).sorted()
            #expect(joined == Array((joined.first ?? 0)...(joined.last ?? 0)))
            members.append(joined)
        }
    }

    @Test func asManyClustersAsDistinctRowsLeaveNoClusterEmpty() throws {
        let data = try Matrix(rows: [[0, 0], [0, 0], [1, 0], [5, 5], [5, 5], [9, 1]])
        let found = try KMeans.fit(data, KMeansSettings(clusters: 4))
        #expect(found.inertia < 1e-9)
        #expect(!found.counts.contains(0))
        let one = try KMeans.fit(data, KMeansSettings(clusters: 1))
        #expect(one.labels == [0, 0, 0, 0, 0, 0])
    }

    @Test func anEmptyClusterTakesTheFarthestRow() throws {
        let data = try Matrix(rows: [[0], [1], [2], [30]])
        let rows = CentredRows(data, mean: [0], threads: 1)
        // Two equal seeds: the second never wins a row, and no centre is near the last row.
        let run = LloydRun(rows, centres: rows.values(of: [0, 0]), maximumIterations: 20, tolerance: 0)
        #expect(run.labels == [0, 0, 0, 1])
        #expect((run.inertia - 2).magnitude < 1e-6)
    }

    @Test func badInputIsRefusedWithARemedy() throws {
        let data = try Matrix(rows: [[0, 1], [1, 0], [1, 0]])
        #expect(throws: LatentError.self) { try KMeans.fit(Matrix(zeros: 0, 2), KMeansSettings(clusters: 1)) }
        #expect(throws: LatentError.self) { try KMeans.fit(data, KMeansSettings(clusters: 0)) }
        let many = #expect(throws: LatentError.self) { try KMeans.fit(data, KMeansSettings(clusters: 4)) }
        #expect(many?.kind == .tooFewRows(found: 3, wanted: 4))
        let equal = #expect(throws: LatentError.self) { try KMeans.fit(data, KMeansSettings(clusters: 3)) }
        #expect(equal?.kind == .tooFewRows(found: 2, wanted: 3))
        let nan = #expect(throws: LatentError.self) {
            try KMeans.fit(Matrix(rows: [[0], [1], [.nan]]), KMeansSettings(clusters: 2))
        }
        #expect(nan?.kind == .notFinite(row: 2))
    }
}

@Suite struct DendrogramTests {
    @Test func leavesAndHeightsAreThoseOfSciPy() throws {
        for golden in try Golden.load().linkage {
            let found = try Dendrogram(DataSets.lobes(golden.rows, seed: golden.seed))
            #expect(found.leaves == golden.leaves)
            for (a, b) in zip(found.merges, golden.heights) { #expect((a.height - b).magnitude < 1e-9) }
        }
        #expect(try Dendrogram(Matrix(rows: [[1, 2]])).leaves == [0])
    }
}
