import Foundation
import OpusDSD
import Testing
import Torch

/// The gradient of the whole objective, as a training step computes it over two workers, against central
/// differences of
/// the objective in float64.
@Suite struct ObjectiveGradientTests {
    static func configuration(_ change: (inout Configuration) -> Void = { _ in }) -> Configuration {
        var c = Configuration()
        c.numerics.convolutions = .float64
        c.model.latentSize = 3
        c.model.encoderWidth = 0.1
        c.model.decoderWidth = 0.01
        c.objective.lambdaKL = 0.7
        c.objective.lambda = 2
        c.objective.lambdaTV = 3
        c.objective.lambdaL1 = 2
        c.objective.bFactor = 2
        c.augmentation.contrast = 0.5
        c.augmentation.brightness = 0.2
        c.augmentation.fourierDropout = 0.3
        c.augmentation.tilt = 2
        c.prior.interNeighbours = 2
        c.prior.interFar = 2
        change(&c)
        return c
    }

    static let variants: [Configuration] = [
        configuration(),
        configuration {
            $0.model.encoderInput = .raw
            $0.model.base = .none
            $0.objective.errorMask = .target
            $0.objective.area = .perImage
        },
        configuration {
            $0.model.encoderInput = .flipped
            $0.objective.errorMask = .both
            $0.prior.boundedRepulsion = true
        },
        configuration { $0.model.poseCorrection = true },
        configuration { $0.objective.lambda = 0 },
    ]

    @Test(arguments: variants.indices)
    func stepGradientEqualsFiniteDifferences(_ variant: Int) throws {
        let c = Self.variants[variant]
        let tiny = TinyData()
        let data = try tiny.stage(c)
        let model = try Model(c, geometry: data.geometry, mask: data.mask)
        // Away from the start: biases of zero sit on the kink of LeakyReLU, and the pose head starts
        // without effect.
        for parameter in model.parameters
        where parameter.name.hasPrefix("pose.output") || parameter.name.hasSuffix("bias") {
            let shape = parameter.tensor.shape
            let values = (0..<parameter.tensor.count).map { 0.3 * sin(Double($0)) }
            try withoutGradient { () throws(TorchError) in
                try parameter.tensor.copy(from: Tensor(values, shape: shape))
            }
        }
        let step = TrainingStep(c, data: data, model: model, workers: WorkerPool(count: 2))
        func evaluate() throws -> (gradients: [Tensor?], terms: ObjectiveTerms) {
            let bank = MemoryBank(
                classes: tiny.particles.classes,
                latentSize: try #require(model.encoder.mean.bias.shape.first), momentum: 1, seed: 3)
            let (gradients, record) = try step.gradients(
                try step.batch(Array(0..<tiny.count)), for: model.parameters, bank: bank, step: 7, beta: 0.6,
                trainsEncoder: true)
            return (gradients, try record.terms())
        }
        let analytic = try evaluate()
        for (index, parameter) in model.parameters.enumerated() {
            let gradient = try #require(analytic.gradients[index]).doubles()
            let values = try parameter.tensor.doubles()
            // The largest entry and a middle one of each parameter.
            let largest = try #require(gradient.indices.max { abs(gradient[$0]) < abs(gradient[$1]) })
            for place in Set([largest, gradient.count / 2]) {
                func total(_ shift: Double) throws -> Double {
                    var moved = values
                    moved[place] += shift
                    try withoutGradient { () throws(TorchError) in
                        try parameter.tensor.copy(from: Tensor(moved, shape: parameter.tensor.shape))
                    }
                    return try evaluate().terms.total
                }
                let h = 1e-5
                let numeric = (try total(h) - total(-h)) / (2 * h)
                _ = try total(0)
                let scale = max(abs(gradient[place]), abs(gradient[largest]), 1e-6)
                #expect(
                    abs(numeric - gradient[place]) < 2e-4 * scale,
                    "\(parameter.name)[\(place)] \(numeric) \(gradient[place])")
            }
        }
    }

    /// Images taken one or two at a time give the terms and gradients of all at once, with and without the
    /// encoder.
    @Test(arguments: [1, 2], [true, false])
    func imagesAtOnceChangeNothing(_ atOnce: Int, _ trainsEncoder: Bool) throws {
        var c = Self.configuration { $0.model.poseCorrection = true }
        let whole = try evaluated(c, trainsEncoder: trainsEncoder)
        c.numerics.imagesAtOnce = atOnce
        try expectEqual(whole, try evaluated(c, trainsEncoder: trainsEncoder))
    }

    /// Where codes are not compared each worker finds the terms of its own; a prior of no weight compares them.
    @Test(arguments: [1, 2, 3, 7], [true, false])
    func codesThatAreNotComparedChangeNothing(_ workers: Int, _ trainsEncoder: Bool) throws {
        let alone = Self.configuration { $0.objective.lambda = 0 }
        let compared = Self.configuration { $0.objective.lambda = 1e-300 }
        let own = try evaluated(alone, workers: workers, trainsEncoder: trainsEncoder)
        #expect(own.terms.divergence > 0.01)
        try expectEqual(own, try evaluated(compared, trainsEncoder: trainsEncoder), comparingCodes: false)
    }

    private struct Evaluated {
        let gradients: [Tensor?]
        let terms: ObjectiveTerms
        let errors: Tensor
        /// The memory bank after the step.
        let bank: Tensor
    }

    private func evaluated(_ c: Configuration, workers: Int = 1, trainsEncoder: Bool) throws -> Evaluated {
        let tiny = TinyData()
        let data = try tiny.stage(c)
        let model = try Model(c, geometry: data.geometry, mask: data.mask)
        let step = TrainingStep(c, data: data, model: model, workers: WorkerPool(count: workers))
        let bank = MemoryBank(
            classes: tiny.particles.classes,
            latentSize: try #require(model.encoder.mean.bias.shape.first), momentum: 1, seed: 3)
        let (gradients, record) = try step.gradients(
            try step.batch(Array(0..<5)), for: model.parameters, bank: bank, step: 7, beta: 0.6,
            trainsEncoder: trainsEncoder)
        return Evaluated(
            gradients: gradients, terms: try record.terms(), errors: record.errors, bank: bank.codes)
    }

    private func expectEqual(_ a: Evaluated, _ b: Evaluated, comparingCodes: Bool = true) throws {
        for (name, (x, y)) in zip(ObjectiveTerms.names, zip(a.terms.values, b.terms.values))
        where comparingCodes || !name.hasSuffix("Class") {
            #expect(abs(x - y) < 1e-12 * max(1, abs(x)), "\(name)")
        }
        #expect(try (a.errors - b.errors).abs().max().item() < 1e-12)
        #expect(try (a.bank - b.bank).abs().max().item() < 1e-12)
        for (x, y) in zip(a.gradients, b.gradients) {
            #expect((x == nil) == (y == nil))
            guard let x, let y else { continue }
            let size = try x.abs().max().item()
            #expect(try (x - y).abs().max().item() <= 1e-11 * size)
        }
    }

    /// With several poses the weights are held fixed, which makes the gradient that of -2 log sum exp(-q/2).
    @Test func marginalErrorHasTheGradientOfTheSoftMinimum() throws {
        let q = [3.0, 1.5, 2.2, 0.3, 0.1, 9.0]
        let leaf = try Tensor(q, shape: [2, 3]).requiringGradient()
        let found = try #require(try gradients(of: ImageError.marginal(leaf).sum(), for: [leaf])[0]).doubles()
        func softMinimum(_ q: [Double]) -> Double {
            var sum = 0.0
            for image in [0, 3] {
                let weights: [Double] = q[image..<(image + 3)].map { exp(-$0 / 2) }
                sum -= 2 * log(weights.reduce(0, +))
            }
            return sum
        }
        for k in q.indices {
            var up = q
            var down = q
            up[k] += 1e-6
            down[k] -= 1e-6
            #expect(abs(found[k] - (softMinimum(up) - softMinimum(down)) / 2e-6) < 1e-8)
        }
    }
}
