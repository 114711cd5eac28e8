import Testing

@testable import Latent

@Suite struct PCATests {
    @Test func variancesAndComponentsAreThoseOfScikitLearn() throws {
        for golden in try Golden.load().pca {
            let pca = try PCA(DataSets.named(golden.set))
            for (found, wanted) in zip(pca.explainedVariance, golden.variance) {
                #expect((found / wanted - 1).magnitude < 1e-4)
            }
            #expect(pca.explainedVariance.count == golden.variance.count)
            #expect((pca.explainedVarianceRatio.reduce(0, +) - 1).magnitude < 1e-9)
            for (found, wanted) in zip(pca.components.row(0), golden.first) {
                #expect((Double(found) - wanted).magnitude < 1e-4)
            }
        }
    }

    @Test func everyComponentHasItsLargestLoadingPositive() throws {
        let pca = try PCA(DataSets.named("lobes"))
        for k in 0..<pca.components.rows {
            let row = pca.components.row(k)
            #expect(row.max() == row.map(\.magnitude).max())
        }
    }

    @Test func inverseUndoesTransform() throws {
        let data = try DataSets.named("blobs").selecting(rows: Array(0..<50))
        let pca = try PCA(data)
        let back = try pca.inverse(pca.transform(data))
        for (a, b) in zip(data.values, back.values) { #expect((a - b).magnitude < 1e-4) }
    }

    @Test func fewerRowsThanColumnsGiveAsManyComponentsAsRows() throws {
        let data = try DataSets.named("blobs").selecting(rows: [0, 1, 2])
        let pca = try PCA(data)
        #expect(pca.components.rows == 3)
        #expect(pca.explainedVariance[2] < 1e-9)
    }

    @Test func traversalRunsFromThe5thToThe95thPercentileThroughTheMean() throws {
        for golden in try Golden.load().pca {
            let data = try DataSets.named(golden.set)
            let pca = try PCA(data)
            let path = try pca.traversal(component: 0, of: data)
            let scores = try pca.transform(path)
            #expect(path.rows == 10)
            for p in 0..<10 {
                let share = Double(p) / 9
                let wanted = golden.traversal[0] * (1 - share) + golden.traversal[1] * share
                #expect((Double(scores[p, 0]) - wanted).magnitude < 1e-3)
                for k in 1..<scores.columns { #expect(scores[p, k].magnitude < 1e-3) }
            }
        }
    }

    @Test func badInputIsRefusedWithARemedy() throws {
        #expect(throws: LatentError.self) { try PCA(Matrix(zeros: 0, 3)) }
        #expect(throws: LatentError.self) { try PCA(Matrix(rows: [[1, 2]])) }
        let bad = #expect(throws: LatentError.self) { try PCA(Matrix(rows: [[1, 2], [.nan, 1]])) }
        #expect(bad?.kind == .notFinite(row: 1))
        #expect(bad?.remedy.isEmpty == false)
        let data = try DataSets.named("lobes")
        let pca = try PCA(data)
        #expect(throws: LatentError.self) { try pca.traversal(component: 6, of: data) }
        #expect(throws: LatentError.self) { try pca.traversal(component: 0, of: data, points: 1) }
        #expect(throws: LatentError.self) { try pca.transform(Matrix(zeros: 3, 2)) }
    }
}

@Suite struct SymmetricEigenTests {
    @Test func vectorsAreOrthonormalAndRebuildTheMatrixAtEveryOrder() {
        var g = RandomSource(seed: 3)
        for n in 1...9 {
            var a = [Double](repeating: 0, count: n * n)
            for i in 0..<n {
                for j in 0...i {
                    a[i * n + j] = g.normal()
                    a[j * n + i] = a[i * n + j]
                }
            }
            let eigen = SymmetricEigen(a, order: n)
            #expect(eigen.values == eigen.values.sorted(by: >))
            for i in 0..<n {
                for j in 0..<n {
                    let rebuilt = (0..<n).reduce(0) {
                        $0 + eigen.values[$1] * eigen.vectors[$1][i] * eigen.vectors[$1][j]
                    }
                    let inner = zip(eigen.vectors[i], eigen.vectors[j]).reduce(0) { $0 + $1.0 * $1.1 }
                    #expect((rebuilt - a[i * n + j]).magnitude < 1e-10)
                    #expect((inner - (i == j ? 1 : 0)).magnitude < 1e-12)
                }
            }
        }
    }
}
