import Foundation
import Testing

@testable import Latent

@Suite struct UMAPTests {
    @Test(arguments: ["blobs", "roll"])
    func trustworthinessIsThatOfUmapLearn(_ name: String) throws {
        let golden = try #require(try Golden.load().umap.first { $0.set == name })
        let data = try DataSets.named(name)
        let layout = try UMAP.embed(data)
        let found = try NeighbourhoodMeasures.trustworthiness(of: layout, original: data, neighbours: 15)
        let wanted = golden.trustworthiness.reduce(0, +) / Double(golden.trustworthiness.count)
        #expect((found - wanted).magnitude < 0.02, "\(found), umap-learn \(wanted)")
    }

    @Test func aStartFromPrincipalComponentsIsTrustworthyToo() throws {
        let golden = try #require(try Golden.load().umap.first { $0.set == "blobs" })
        let data = try DataSets.named("blobs")
        var settings = UMAPSettings()
        settings.start = .pca
        settings.epochs = 200
        let layout = try UMAP.embed(data, settings)
        let found = try NeighbourhoodMeasures.trustworthiness(of: layout, original: data, neighbours: 15)
        #expect((found - golden.trustworthinessFromPCA).magnitude < 0.02)
    }

    @Test func seedDecidesTheLayoutAndThreadsDoNot() throws {
        let data = try DataSets.lobes(600, seed: 41)
        var settings = UMAPSettings()
        settings.epochs = 20
        settings.dimensions = 3
        let one = try UMAP.embed(data, settings, threads: 1)
        #expect(try UMAP.embed(data, settings, threads: 4) == one)
        settings.seed = 1
        #expect(try UMAP.embed(data, settings, threads: 4) != one)
        #expect(one.columns == 3)
    }

    @Test func progressCountsEveryPass() throws {
        let data = try DataSets.lobes(40, seed: 42)
        var settings = UMAPSettings()
        settings.epochs = 3
        var seen: [Int] = []
        _ = try UMAP.embed(
            data, settings,
            progress: { done, total in
                seen.append(done)
                #expect(total == 3)
            })
        #expect(seen == [1, 2, 3])
    }

    @Test func partsWithoutLinksAndEqualRowsAreLaidOutApart() throws {
        let near = [[Float]](repeating: [0, 0], count: 30)
        let far = (0..<30).map { [100 + Float($0 % 5), Float($0 / 5)] }
        let lone = (0..<6).map { [-100 + Float($0 % 2), 80 + Float($0 / 2)] }
        var settings = UMAPSettings()
        settings.neighbours = 5
        settings.epochs = 100
        let layout = try UMAP.embed(Matrix(rows: near + far + lone), settings)
        #expect(layout.values.allSatisfy { $0.isFinite })
        let labels = (0..<66).map { $0 / 30 }
        #expect(try NeighbourhoodMeasures.labelAgreement(of: layout, labels: labels, neighbours: 5) > 0.99)
    }

    @Test func badInputIsRefusedWithARemedy() throws {
        let data = try DataSets.lobes(15, seed: 1)
        let few = #expect(throws: LatentError.self) { try UMAP.embed(data) }
        #expect(few?.kind == .tooFewRows(found: 15, wanted: 16))
        #expect(throws: LatentError.self) { try UMAP.embed(Matrix(zeros: 0, 0)) }
        #expect(throws: LatentError.self) { try UMAP.embed(Matrix(rows: [[1], [.nan]])) }
        var settings = UMAPSettings()
        settings.neighbours = 5
        settings.minimumDistance = 2
        let range = #expect(throws: LatentError.self) { try UMAP.embed(data, settings) }
        #expect(range?.kind == .setting("minimumDistance"))
    }
}

@Suite struct UMAPPartTests {
    @Test func curveIsThatOfUmapLearn() throws {
        for golden in try Golden.load().curve {
            let found = LayoutCurve(minimumDistance: golden.minimumDistance, spread: golden.spread)
            #expect((found.a - golden.a).magnitude < 1e-5)
            #expect((found.b - golden.b).magnitude < 1e-5)
        }
    }

    @Test func aRowsStrengthsAddUpToLog2OfItsNeighbours() throws {
        let neighbours = try NeighbourIndex(DataSets.lobes(200, seed: 51)).neighbours(14)
        let weights = Memberships(neighbours, threads: 1).weights.array
        for row in 0..<200 {
            let sum = weights[row * 14..<(row + 1) * 14].reduce(0, +)
            #expect((sum - log2(15)).magnitude < 1e-4)
            #expect(weights[row * 14] == 1)
        }
    }

    @Test func theGraphIsSymmetricWithWeightsUpToOne() throws {
        let neighbours = try NeighbourIndex(DataSets.lobes(200, seed: 52)).neighbours(9)
        let graph = FuzzyGraph(neighbours, threads: 2)
        var weight: [[Int32]: Float] = [:]
        for v in 0..<200 {
            let ends = graph.offsets.base[v]..<graph.offsets.base[v + 1]
            for e in ends { weight[[Int32(v), graph.ends.base[e]]] = graph.weights.base[e] }
            #expect(zip(ends, ends.dropFirst()).allSatisfy { graph.ends.base[$0] < graph.ends.base[$1] })
        }
        for (edge, w) in weight {
            #expect(w > 0 && w <= 1)
            #expect(((weight[[edge[1], edge[0]]] ?? 0) - w).magnitude < 1e-6)
        }
        #expect(graph.pruned(epochs: 2).edges < graph.edges)
    }

    @Test func spectralVectorsOfARingAreItsSineAndCosine() {
        let n = 240
        let graph = FuzzyGraph(
            vertices: n, offsets: Storage((0...n).map { 2 * $0 }),
            ends: Storage(
                (0..<n).flatMap { v in [(v + n - 1) % n, (v + 1) % n].sorted().map { Int32($0) } }),
            weights: Storage(repeating: 1, count: 2 * n))
        var random = RandomSource(seed: 5)
        let found = SpectralLayout(graph, dimensions: 2, threads: 1).vectors(using: &random)
        for v in 0..<n {
            let radius = found[2 * v] * found[2 * v] + found[2 * v + 1] * found[2 * v + 1]
            #expect((radius * Double(n) / 2 - 1).magnitude < 0.05)
        }
    }

    @Test func tabulatedForcesKeepFourDigits() {
        let table = ForceTable { pow($0, -0.1) / (1 + 1.58 * pow($0, 0.9)) }
        var x = 1e-11
        while x < 1e11 {
            let wanted = pow(x, -0.1) / (1 + 1.58 * pow(x, 0.9))
            #expect((Double(table(Float(x))) / wanted - 1).magnitude < 1e-4)
            x *= 1.37
        }
    }
}
