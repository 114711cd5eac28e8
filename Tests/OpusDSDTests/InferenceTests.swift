import CryoEM
import Foundation
import Testing
import Torch

@testable import OpusDSD

@Suite struct InferenceTests {
    @Test func theFactorSolvesAndGivesTheDeterminant() {
        let matrix = [4.0, 2, 0.6, 2, 5, 1, 0.6, 1, 3]
        let factor = Cholesky(matrix, order: 3)
        let x = factor.solve([1, -2, 0.5])
        for i in 0..<3 {
            let row = (0..<3).reduce(0.0) { $0 + matrix[i * 3 + $1] * x[$1] }
            #expect(abs(row - [1, -2, 0.5][i]) < 1e-12)
        }
        let determinant: Double = 56 - 10.8 - 0.6
        #expect(abs(factor.logDeterminant - log(determinant)) < 1e-12)
    }

    /// Evidence, mean and variance of a cell against sums over a fine grid of u.
    @Test func aCellsPosteriorIsTheIntegralOverItsCodes() {
        let x = [0.8, -0.3, 1.1, 0.2]
        let y = [0.1, 0.2, 0.4, -0.1]
        let g = [[0.9, -0.2, 0.5, 0.3], [0.1, 0.7, 0.2, -0.6]]
        let (temperature, centre) = (1.7, [0.4, -1.2])
        let axes = [0.5, 0, 0.3, 0.8]
        let rows = [x, y] + g
        let gram = rows.flatMap { a in rows.map { b in Float(zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }) } }
        let found = CellPosterior(
            gram: gram[...], centre: centre.map(Float.init)[...], axes: axes, temperature: temperature)

        var (total, mean, square) = (0.0, [0.0, 0.0], [0.0, 0.0])
        let step = 0.02
        for i in -400...400 {
            for j in -400...400 {
                let u = [Double(i) * step, Double(j) * step]
                let error = x.indices.reduce(0.0) { sum, p in
                    let d = x[p] - y[p] - g[0][p] * u[0] - g[1][p] * u[1]
                    return sum + d * d - x[p] * x[p]
                }
                let weight =
                    exp(-error / (2 * temperature) - (u[0] * u[0] + u[1] * u[1]) / 2) * step * step
                    / (2 * .pi)
                let z = [
                    centre[0] + axes[0] * u[0], centre[1] + axes[2] * u[0] + axes[3] * u[1],
                ]
                total += weight
                for d in 0..<2 {
                    mean[d] += weight * z[d]
                    square[d] += weight * z[d] * z[d]
                }
            }
        }
        #expect(abs(found.logEvidence - log(total)) < 1e-5)
        for d in 0..<2 {
            #expect(abs(found.mean[d] - mean[d] / total) < 1e-5)
            let variance = square[d] / total - (mean[d] / total) * (mean[d] / total)
            #expect(abs(found.variance[d] - variance) < 1e-5)
        }
    }

    /// Two cells of equal evidence: the mean lies between, the spread has the distance.
    @Test func cellsMixByShareAndEvidence() throws {
        func cell(_ centre: Float) -> CellPosterior {
            CellPosterior(gram: [1, 0, 0, 0, 0, 0, 0, 0, 0], centre: [centre], axes: [0.5], temperature: 1)
        }
        var mixture = MixedPosterior()
        #expect(mixture.moments == nil)
        mixture.add(cell(1), share: 0.3)
        mixture.add(cell(5), share: 0.1)
        let (mean, logSigma) = try #require(mixture.moments)
        #expect(abs(mean[0] - 2) < 1e-6)
        #expect(abs(exp(2 * logSigma[0]) - (0.25 + 3)) < 1e-6)
    }

    /// Codes of variance 1 seen with an error of variance 1: means of variance 1/2 that leave 1/2 open. Found
    /// anew in their cell they stay so, where cells of the means alone would halve at each turn.
    @Test func cellsAreAsWideAsTheCodesNotTheirMeans() throws {
        let (count, size, width) = (20_000, 2, 3)
        let random = CounterRandom(seed: 5)
        let mean = (0..<(count * width)).map {
            Float(random.normal(TinyData.stream, item: 10, $0) * 0.5.squareRoot())
        }
        let codes = Codes(mean: mean, logSigma: mean.map { _ in Float(log(0.5) / 2) }, width: width)
        let cells = try CodeCells(codes: codes, size: size, wanted: 1, seed: 1, threads: 1)
        #expect(cells.count == 1 && cells.size == size)
        let axes = cells.axes[0]
        for i in 0..<size {
            for j in 0..<size {
                let covariance = (0..<size).reduce(0.0) { $0 + axes[i * size + $1] * axes[j * size + $1] }
                #expect(abs(covariance - (i == j ? 1 : 0)) < 0.03)
            }
        }
    }

    /// Images rendered from known codes: codes put wrong come to explain the images nearly as well as the
    /// truth.
    @Test(arguments: [false, true]) func wrongCodesAreMended(poseSearch: Bool) throws {
        let (latent, count) = (2, 400)
        var configuration = TinyRun.configuration()
        configuration.stages = [configuration.stages[0]]
        configuration.numerics.convolutions = .float32
        configuration.model.outputGain = 30
        configuration.poseSearch.enabled = poseSearch
        configuration.inference.cells = 48
        configuration.inference.temperature = 1
        let tiny = TinyData(count: count)
        let blank = try tiny.stage(configuration)
        let model = try Model(configuration, geometry: blank.geometry, mask: blank.mask, device: .cpu)
        let random = CounterRandom(seed: 3)
        let all = Array(0..<count)
        let truth = (0..<(count * latent)).map { Float(random.normal(TinyData.stream, item: 7, $0)) }
        let clean = try withoutGradient { () throws -> Tensor in
            let batch = try blank.batch(all)
            let volumes = blank.volumes(
                Tensor(truth, shape: [count, latent]), model, gain: blank.outputGain(configuration.model)
            )
            return try blank.render(volumes, rotations: batch.rotations.narrow(1, 0, 1), batch).select(1, 0)
                .checked()
        }
        var noise = [Float](repeating: 0, count: count * 12 * 12)
        random.addNormals(TinyData.stream, item: 8, to: &noise, count: noise.count)
        let images = MemoryImages(all: clean + Tensor(noise, shape: [count, 12, 12]))

        let data = try tiny.stage(configuration, images: images)
        let evaluation = Evaluation(configuration, data: data, model: model, workers: WorkerPool(count: 2))
        let wrong = truth.indices.map { truth[$0] + Float(random.normal(TinyData.stream, item: 9, $0)) * 0.5 }
        let codes = Codes(mean: wrong, logSigma: wrong.map { _ in Float(log(0.5)) }, width: latent)
        let found = try evaluation.inferred(
            all, encoded: codes, cells: try evaluation.cells(of: codes), progress: { _ in })
        func misfit(_ codes: [Float]) throws -> Double {
            let z = Tensor(codes, shape: [count, latent])
            let volumes = data.volumes(z, model, gain: evaluation.gain)
            let batch = try data.batch(all)
            return try data.errors(z, volumes: volumes, batch, model, mask: data.mask(for: batch)).sum()
                .item()
        }
        let (right, before, after) = (try misfit(truth), try misfit(wrong), try misfit(found.mean))
        #expect(after - right < 0.1 * (before - right))
    }
}

/// Centres of cells by what they have in common.
@Suite struct CentreBasisTests {
    /// Twelve volumes of side 6 that are sums of three, and smaller differences of their own.
    private static func centres(own: Double) -> Tensor {
        let random = CounterRandom(seed: 8)
        func volume(_ item: Int) -> Tensor {
            random.normals(RandomStream(rawValue: 990), items: Tensor(indices: [item]), count: 216)
                .reshape([1, 6, 6, 6])
        }
        let parts = (0..<3).map(volume)
        return Tensor.cat(
            (0..<12).map { k in
                parts.enumerated().reduce(volume(10 + k) * own) {
                    $0 + $1.element * sin(Double(k * ($1.offset + 1)))
                }
            })
    }

    /// Volumes [V, 6, 6, 6] along three axes, and half of it for each further image: [images, 3, V, 36].
    private static func seen(_ volumes: Tensor, _ images: Int) -> Tensor {
        let one = Tensor.stack((1...3).map { volumes.sum([$0]).reshape([-1, 36]) })
        return Tensor.stack((0..<images).map { one * pow(0.5, Double($0)) })
    }

    @Test func fewVolumesHoldAllCentres() throws {
        let centres = Self.centres(own: 0)
        let basis = try CentreBasis(centres, mask: .ones([216]))
        #expect(basis.volumes.shape == [4, 6, 6, 6])
        let factors = Tensor(basis.factors.flatMap { $0 }, shape: [12, 4])
        let sums = factors.matmul(basis.volumes.reshape([4, 216])).reshape([12, 6, 6, 6])
        #expect(try (sums - centres).abs().max().item() < 1e-8)
    }

    @Test(arguments: [1, 3]) func centresThatAreAlikeAreTheirMean(_ count: Int) throws {
        let centre = Self.centres(own: 0).narrow(0, 0, 1)
        let basis = try CentreBasis(centre.expand([count, 6, 6, 6]), mask: .ones([216]))
        let found = basis.errors(.ones([2, 1, 36], .float64), Self.seen(basis.volumes, 2).narrow(1, 0, 1))
        #expect(found.shape == [2, 1, count])
        #expect(basis.factors.allSatisfy { $0.count == basis.volumes.size(0) })
        #expect(try (basis.volumes.narrow(0, 0, 1) - centre).abs().max().item() < 1e-12)
        #expect(try found.doubles().allSatisfy(\.isFinite))
    }

    /// Errors against all centres are those of their predictions one by one.
    @Test func errorsAreThoseOfThePredictions() throws {
        let centres = Self.centres(own: 0.3)
        let basis = try CentreBasis(centres, mask: .ones([216]))
        #expect(basis.volumes.size(0) > 4 && basis.volumes.size(0) <= 13)
        let images = CounterRandom(seed: 9)
            .normals(RandomStream(rawValue: 991), items: Tensor(indices: [0]), count: 2 * 36)
            .reshape([2, 1, 36])
        let found = try basis.errors(images, Self.seen(basis.volumes, 2)).doubles()
        for k in 0..<12 {
            let p = Self.seen(centres.narrow(0, k, 1), 2).squeeze(2)
            let wanted = try (p * (p - 2 * images)).sum([2]).doubles()
            let scale = try (p * p).sum([2]).doubles()
            for place in wanted.indices {
                #expect(abs(found[place * 12 + k] - wanted[place]) < 0.1 * scale[place])
            }
        }
    }
}
