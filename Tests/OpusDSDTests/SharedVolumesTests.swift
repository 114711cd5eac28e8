import Foundation
import OpusDSD
import Testing
import Torch

/// Images that share volumes where codes are kept.
@Suite struct SharedVolumesTests {
    private static func shared(images: Int, each: Int, batch: Int = 16, held: Double = 0) -> SharedVolumes {
        var sampling = Configuration.Sampling()
        (sampling.imagesPerVolume, sampling.batch, sampling.validationFraction) = (each, batch, held)
        let plan = EpochPlan(classes: [Int](repeating: 0, count: images), sampling: sampling, seed: 4)
        return SharedVolumes(plan, sampling: sampling, seed: 4)
    }

    /// Codes in two clouds that are far apart, even images in one, odd ones in the other.
    private static func clouds(_ count: Int) -> Codes {
        Codes(
            mean: (0..<count).flatMap { [$0 % 2 == 0 ? -5 : 5, Float(sin(Double($0)))] },
            logSigma: [Float](repeating: log(0.7), count: 2 * count), width: 2)
    }

    /// Images of a volume are such as its code could be of, and images are seen once an epoch on average.
    @Test(arguments: [(100, 4, 16), (101, 4, 16), (103, 3, 16), (4200, 8, 32), (3, 8, 16), (40, 8, 2)])
    func volumesAreSeenByImagesOfTheirCode(images: Int, each: Int, batch: Int) {
        let shared = Self.shared(images: images, each: each, batch: batch)
        let codes = Self.clouds(images)
        for epoch in 0..<2 {
            let batches = shared.batches(epoch: epoch, codes: codes)
            #expect(batches.count == shared.batchesPerEpoch)
            let seen = batches.reduce(0) { $0 + $1.indices.count }
            #expect(seen == shared.imagesPerEpoch && seen >= images && seen < images + 3 * each)
            for batch in batches {
                let each = batch.imagesPerVolume
                #expect(
                    batch.indices.count <= 16 * each && batch.codes.count * each == 2 * batch.indices.count)
                for (k, image) in batch.indices.enumerated() {
                    #expect((batch.codes[k / each * 2] < 0) == (image % 2 == 0))
                }
            }
            #expect(shared.batches(epoch: epoch, codes: codes) == batches)
        }
        #expect(shared.batches(epoch: 0, codes: codes) != shared.batches(epoch: 1, codes: codes))
    }

    @Test func imagesThatAreHeldBackAreNotSeen() {
        let shared = Self.shared(images: 200, each: 4, held: 0.3)
        let training = Set(shared.training)
        #expect(training.count == 140)
        for batch in shared.batches(epoch: 0, codes: Self.clouds(200)) {
            #expect(training.isSuperset(of: batch.indices))
        }
    }

    /// Every image is seen, and none much more often than others; images are shown codes as if these were
    /// drawn from their own posteriors.
    @Test func codesOfAnImageAreOfItsPosterior() {
        let mean: [Float] = [-1, -0.3, 0, 0.5, 0.7, 2]
        let sigma: [Float] = [0.3, 1, 0.6, 0.2, 1.5, 0.8]
        let (kinds, each, epochs) = (mean.count, 40, 60)
        let codes = Codes(
            mean: (0..<(kinds * each)).map { mean[$0 % kinds] },
            logSigma: (0..<(kinds * each)).map { log(sigma[$0 % kinds]) }, width: 1)
        let shared = Self.shared(images: kinds * each, each: 4)
        var seen = [Int](repeating: 0, count: kinds * each)
        var drawn = [[Double]](repeating: [], count: kinds)
        for epoch in 0..<epochs {
            for batch in shared.batches(epoch: epoch, codes: codes) {
                for (k, image) in batch.indices.enumerated() {
                    seen[image] += 1
                    drawn[image % kinds].append(Double(batch.codes[k / 4]))
                }
            }
        }
        #expect(seen.allSatisfy { $0 > 4 * epochs / 5 && $0 < 6 * epochs / 5 }, "\(seen)")
        for (kind, values) in drawn.enumerated() {
            let count = Double(values.count)
            let middle = values.reduce(0, +) / count
            let spread = (values.reduce(0) { $0 + ($1 - middle) * ($1 - middle) } / count).squareRoot()
            #expect(abs(middle - Double(mean[kind])) < 0.15 * Double(sigma[kind]), "kind \(kind): \(middle)")
            #expect(abs(spread / Double(sigma[kind]) - 1) < 0.15, "kind \(kind): \(spread)")
        }
    }

    @Test(arguments: [1, 2, 3, 5]) func partsCutNoVolume(_ parts: Int) {
        let batch = PlannedBatch(Array(0..<12), codes: (0..<8).map(Float.init), imagesPerVolume: 3)
        let places = batch.split(into: parts)
        #expect(places.flatMap { $0 } == Array(0..<12))
        let found = places.map(batch.part)
        #expect(found.allSatisfy { $0.indices.count % 3 == 0 })
        #expect(found.flatMap(\.codes) == batch.codes && found.flatMap(\.indices) == batch.indices)
    }

    /// A volume that three images share gives the terms and gradients of three volumes of the same code.
    @Test(arguments: [(1, 0, false), (2, 0, false), (1, 1, true)])
    func sharedVolumesGiveTheGradientOfTheirImages(_ workers: Int, _ atOnce: Int, _ searches: Bool) throws {
        var c = ObjectiveGradientTests.configuration()
        (c.numerics.imagesAtOnce, c.poseSearch.enabled) = (atOnce, searches)
        let tiny = TinyData()
        let data = try tiny.stage(c)
        let model = try Model(c, geometry: data.geometry, mask: data.mask)
        let known = Codes(
            mean: (0..<18).map { 0.1 * Float($0) }, logSigma: [Float](repeating: 0, count: 18), width: 3)
        let step = TrainingStep(
            c, data: data, model: model, workers: WorkerPool(count: workers), fixedCodes: known)
        let bank = MemoryBank(classes: tiny.particles.classes, latentSize: 3, momentum: 1, seed: 3)
        let images = [4, 0, 2, 5, 1, 3]
        let codes: [[Float]] = [[0.3, -1, 0.2], [-0.4, 0.1, 0.9]]
        func evaluated(_ planned: PlannedBatch) throws -> (gradients: [Tensor?], terms: ObjectiveTerms) {
            let (gradients, record) = try step.gradients(
                try step.batch(planned), for: model.parameters, bank: bank, step: 7, beta: 0.6,
                trainsEncoder: false)
            return (gradients, try record.terms())
        }
        let shared = try evaluated(PlannedBatch(images, codes: codes.flatMap { $0 }, imagesPerVolume: 3))
        let own = try evaluated(
            PlannedBatch(images, codes: images.indices.flatMap { codes[$0 / 3] }, imagesPerVolume: 1))
        for (a, b) in zip(shared.terms.values, own.terms.values) {
            #expect(abs(a - b) < 1e-11 * max(1, abs(a)))
        }
        #expect(shared.gradients.contains { $0 != nil })
        for (a, b) in zip(shared.gradients, own.gradients) {
            #expect((a == nil) == (b == nil))
            guard let a, let b else { continue }
            #expect(try (a - b).abs().max().item() <= 1e-11 * max(1e-9, try a.abs().max().item()))
        }
    }
}
