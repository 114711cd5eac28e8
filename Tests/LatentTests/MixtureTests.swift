import Foundation
import Testing

@testable import Latent

@Suite struct MixtureTests {
    /// What scikit-learn finds from the same starts.
    private struct Case: Decodable {
        let set: String
        let components: Int, modulus: Int, maximumIterations: Int
        let logLikelihood: Double, bic: Double
        let iterations: Int, converged: Bool
        let weights: [Double]
        let labels: [Int]
    }

    @Test func likelihoodsAreThoseOfScikitLearn() throws {
        let url = try #require(Bundle.module.url(forResource: "Golden/mixture", withExtension: "json"))
        for golden in try JSONDecoder().decode([Case].self, from: Data(contentsOf: url)) {
            let data = try DataSets.named(golden.set)
            var settings = MixtureSettings(components: golden.components)
            settings.maximumIterations = golden.maximumIterations
            let labels = (0..<data.rows).map { $0 % golden.modulus % golden.components }
            let name = "\(golden.set) \(golden.components)"
            let found = try GaussianMixture.fit(data, settings, labels: labels)
            #expect((found.meanLogLikelihood - golden.logLikelihood).magnitude < 1e-6, "\(name)")
            #expect((found.bic - golden.bic).magnitude < 1e-2, "\(name)")
            #expect(found.iterations == golden.iterations && found.isConverged == golden.converged, "\(name)")
            for (a, b) in zip(found.components.map(\.weight).sorted(), golden.weights) {
                #expect((a - b).magnitude < 1e-5, "\(name)")
            }
            #expect(Array(try found.assignments(of: data).labels.prefix(40)) == golden.labels, "\(name)")
        }
    }

    @Test func theCriterionFindsTheNumberOfClusters() throws {
        let data = try DataSets.blobs(2000, columns: 4, centres: 3, seed: 11, spread: 1)
        let criteria = try (1...6).map { try GaussianMixture.fit(data, MixtureSettings(components: $0)).bic }
        let best = criteria.indices.min { criteria[$0] < criteria[$1] }
        #expect(best == 2)
        let mixture = try GaussianMixture.fit(data, MixtureSettings(components: 3))
        let (labels, sure) = try mixture.assignments(of: data)
        let truth = (0..<2000).map { $0 % 3 }
        #expect(try Contingency(clusters: labels, classes: truth).adjustedRandIndex > 0.99)
        #expect(sure.allSatisfy { $0 > 0.33 && $0 <= 1.000001 })
    }

    @Test func threadsChangeNothing() throws {
        let data = try DataSets.named("lobes")
        let one = try GaussianMixture.fit(data, MixtureSettings(components: 3), threads: 1)
        #expect(try GaussianMixture.fit(data, MixtureSettings(components: 3), threads: 3) == one)
    }

    @Test func badInputIsRefused() throws {
        let data = try DataSets.named("lobes")
        #expect(throws: LatentError.self) { try GaussianMixture.fit(data, MixtureSettings(components: 0)) }
        #expect(throws: LatentError.self) {
            try GaussianMixture.fit(data, MixtureSettings(components: 2), labels: [0, 1])
        }
        var loose = MixtureSettings(components: 1)
        loose.regularisation = 0
        let flat = try Matrix(rows: 20, columns: 2, values: (0..<40).map { $0 % 2 == 0 ? Float($0) : 1 })
        #expect(throws: LatentError.self) { try GaussianMixture.fit(flat, loose) }
    }
}
