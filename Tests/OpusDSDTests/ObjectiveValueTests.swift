import Foundation
import OpusDSD
import Testing
import Torch

/// Terms of the objective against values worked out by hand.
@Suite struct ObjectiveValueTests {
    @Test func kullbackLeiblerOfTwoCodes() throws {
        let mu = Tensor([0, 1, 2, 0] as [Double], shape: [2, 2])
        let ls = Tensor([0, 0, log(2), 0] as [Double], shape: [2, 2])
        // First code: 0 + 1/2. Second: (4 + 4)/2 - ln 2 - 1/2 and 0.
        let wanted = (0.5 + (4 - log(2) - 0.5)) / 2
        #expect(abs(try kullbackLeibler(mean: mu, logSigma: ls).item() - wanted) < 1e-12)
    }

    @Test func sampleIsMeanPlusSigmaTimesNoise() throws {
        let z = reparameterized(
            mean: Tensor([1, 2] as [Double], shape: [1, 2]),
            logSigma: Tensor([0, log(3)] as [Double], shape: [1, 2]),
            noise: Tensor([2, -1] as [Double], shape: [1, 2]))
        #expect(try zip(z.doubles(), [3, -1]).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    /// Eq. 5 for three codes on a line at 0, 1 and 3, the first two of one class.
    @Test func intraClassPriorOfThreeCodes() throws {
        var settings = Configuration.Prior()
        settings.epsilon = 1e-3
        let mu = Tensor([0, 1, 3] as [Double], shape: [3, 1])
        let classes = Tensor(indices: [4, 4, 7])
        let pair = log(2.0) + log(1 + 1 / 1.001)
        let value = try StructuralDisentanglement(settings).intraClass(mu, classes: classes).item()
        #expect(abs(value - (pair + pair + 0) / 3) < 1e-9)

        // Bounded: the repulsion of codes closer than 1 is scaled by d^2.
        settings.boundedRepulsion = true
        let close = Tensor([0, 0.5] as [Double], shape: [2, 1])
        let bounded = try StructuralDisentanglement(settings).intraClass(
            close, classes: Tensor(indices: [1, 1])
        ).item()
        #expect(abs(bounded - (log(1.25) + 0.251 * log(1 + 1 / 0.251))) < 1e-9)
    }

    /// Only the nearest of the class attract; all of it repel.
    @Test func intraClassPriorTakesTheNearest() throws {
        var settings = Configuration.Prior()
        settings.intraNeighbours = 1
        let x = [0.0, 1, 3]
        let mu = Tensor(x, shape: [3, 1])
        let classes = Tensor(indices: [2, 2, 2])
        func repel(_ d: Double) -> Double { log(1 + 1 / (d * d + 1e-3)) }
        let attraction = log(2.0) + log(2.0) + log(5.0)
        let repulsion = (repel(1) + repel(3)) / 2 + (repel(1) + repel(2)) / 2 + (repel(3) + repel(2)) / 2
        let value = try StructuralDisentanglement(settings).intraClass(mu, classes: classes).item()
        #expect(abs(value - (attraction + repulsion) / 3) < 1e-9)
    }

    /// Eq. 6: of the candidates of other classes the nearest attract and the furthest repel.
    @Test func interClassPriorOfOneCode() throws {
        var settings = Configuration.Prior()
        (settings.interNeighbours, settings.interFar, settings.farWeight) = (1, 1, 3)
        let bank = MemoryBank.Candidates(
            codes: Tensor([0.1, 2, 5, 0.2] as [Float], shape: [4, 1]), classes: Tensor(indices: [1, 2, 2, 1]))
        let value = try StructuralDisentanglement(settings).interClass(
            Tensor([0] as [Double], shape: [1, 1]), classes: Tensor(indices: [1]), bank: bank
        ).item()
        #expect(abs(value - (log(5.0) + 3 * log(1 + 1 / 25.001))) < 1e-6)
        for weight in [0, 0.5] {
            settings.bankWeight = weight
            let weighed = try StructuralDisentanglement(settings).interClass(
                Tensor([0] as [Double], shape: [1, 1]), classes: Tensor(indices: [1]), bank: bank
            ).item()
            #expect(abs(weighed - weight * value) < 1e-12)
        }
    }

    @Test func priorWithoutOtherClassesIsZero() throws {
        let prior = StructuralDisentanglement(Configuration.Prior())
        let mu = Tensor([0, 1] as [Double], shape: [2, 1])
        let bank = MemoryBank.Candidates(
            codes: Tensor([0.5, 2] as [Float], shape: [2, 1]), classes: Tensor(indices: [3, 3]))
        #expect(try prior.interClass(mu, classes: Tensor(indices: [3, 3]), bank: bank).item() == 0)
        #expect(try prior.intraClass(mu, classes: Tensor(indices: [3, 5])).item() == 0)
    }

    @Test func bankKeepsItsShareOfACode() throws {
        let bank = MemoryBank(classes: [0, 1, 2], latentSize: 2, momentum: 0.7, seed: 4)
        let before = try bank.codes.floats()
        try bank.update(Tensor(indices: [2]), Tensor([10, -10] as [Float], shape: [1, 2]))
        let after = try bank.codes.floats()
        #expect(Array(after[..<4]) == Array(before[..<4]))
        #expect(abs(after[4] - (0.7 * before[4] + 3)) < 1e-5)
        #expect(abs(after[5] - (0.7 * before[5] - 3)) < 1e-5)
    }

    /// METHOD 3.1: sum of squares of the prediction less twice its product with the masked image.
    @Test func imageErrorOfOnePixelPair() throws {
        let predicted = Tensor([2, 3] as [Double], shape: [1, 1, 1, 2])
        let image = Tensor([1, 5] as [Double], shape: [1, 1, 2])
        let mask = Tensor([1, 0] as [Double], shape: [1, 1, 2])
        func error(_ kind: Configuration.ErrorMask) throws -> Double {
            try ImageError(mask: kind).perPose(predicted, image, projectedMask: mask).item()
        }
        #expect(try error(.none) == 4 + 9 - 2 * (2 + 15))
        #expect(try error(.target) == 4 + 9 - 2 * 2)
        #expect(try error(.both) == 4 - 2 * 2)
    }

    /// The sum over transforms is that over pixels, and so is its gradient.
    @Test func imageErrorOfTransformsIsThatOfPixels() throws {
        let (batch, poses, box) = (2, 3, 6)
        func values(_ shape: [Int], _ seed: Double) -> Tensor {
            Tensor((0..<shape.reduce(1, *)).map { sin(seed + 1.7 * Double($0)) }, shape: shape)
        }
        let projections = try values([batch, poses, box, box], 1).requiringGradient()
        let images = values([batch, box, box], 2)
        // A transfer function is the same at k and -k, as those of images are.
        let transfer = values([batch, box, box], 3).rfft2()
        let real = (transfer * transfer.conjugate()).real()
        let ours = ImageError.perPose(projections, transfer: real, spectra: images.rfft2())
        let predicted = (projections.rfft2() * real.unsqueeze(1)).irfft2(box, box)
        let theirs = ImageError(mask: .none).perPose(predicted, images, projectedMask: nil)
        #expect(try (ours - theirs).abs().max().item() < 1e-9 * theirs.abs().max().item())
        let weights = values([batch, poses], 4)
        let found = try #require(try gradients(of: [ours], weights: [weights], for: [projections])[0])
        let wanted = try #require(try gradients(of: [theirs], weights: [weights], for: [projections])[0])
        #expect(try (found - wanted).abs().max().item() < 1e-9 * wanted.abs().max().item())

        let failed = ImageError.perPose(projections, transfer: real.narrow(0, 0, 1), spectra: images.rfft2())
        #expect(throws: TorchError.self) { try failed.checked() }
    }

    /// Weights of frequencies concern images and what is compared with them; the encoder sees images as
    /// they are.
    @Test(arguments: Configuration.EncoderInput.allCases)
    func weightsOfFrequenciesConcernTheErrorAlone(_ input: Configuration.EncoderInput) throws {
        var c = Configuration()
        c.model.encoderInput = input
        let plain = try TinyData().stage(c)
        let box = plain.geometry.box
        let values = (0..<box * (box / 2 + 1)).map { 0.5 + Double($0 % (box / 2 + 1)) / 10 }
        let weights = Tensor(values, shape: [box, box / 2 + 1])
        let weighed = plain.weighing(weights)
        let (a, b) = (try plain.batch([0, 3]), try weighed.batch([0, 3]))
        let w = weights.to(.float32)
        #expect(try (b.transfer - a.transfer * w).abs().max().item() < 1e-6)
        let spectra = (a.images.rfft2() * w).irfft2(box, box)
        #expect(try (b.images - spectra).abs().max().item() < 1e-5)
        #expect(try (weighed.encoderImages(b) - plain.encoderImages(a)).abs().max().item() < 1e-4)
        #expect(try weighed.weighing(nil).batch([1]).transfer.floats() == plain.batch([1]).transfer.floats())
    }

    @Test func posesAreWeightedBySoftmaxOfHalfTheirError() throws {
        let value = try ImageError.marginal(Tensor([0, 2] as [Double], shape: [1, 2])).item()
        let w = exp(-1.0) / (1 + exp(-1.0))
        #expect(abs(value - 2 * w) < 1e-12)
        #expect(try ImageError.marginal(Tensor([5] as [Double], shape: [1, 1])).item() == 5)
    }

    /// A density that rises by 1 a voxel along x has variation 1 and the mean of its values inside the cube.
    @Test func volumePriorOfARamp() throws {
        let side = 5
        let ramp = (0..<side * side * side).map { Double($0 % side) - 2 }
        let (tv, l1) = VolumePrior.evaluate(Tensor(ramp, shape: [1, side, side, side]), in: 1..<5)
        #expect(abs(try tv.item() - 1) < 1e-6)
        #expect(abs(try l1.item() - (1 + 0 + 1 + 2) / 4) < 1e-12)
    }

    @Test func annealingRisesOverTheRampOfEachCycle() {
        var annealing = Configuration.Annealing()
        (annealing.cycles, annealing.ramp, annealing.floor) = (2, 0.5, 0.1)
        #expect(annealing.beta(at: 0) == 0.1)
        #expect(abs(annealing.beta(at: 0.125) - 0.5) < 1e-12)
        #expect(annealing.beta(at: 0.4) == 1)
        #expect(annealing.beta(at: 0.5) == 0.1)
        #expect(annealing.beta(at: 1) == 1)
    }

    @Test func learningRateWarmsUpAndFalls() {
        var optimizer = Configuration.Optimizer()
        optimizer.warmup = 10
        #expect(abs(optimizer.rate(1, step: 0, of: 100, epoch: 0) - 0.1) < 1e-12)
        #expect(abs(optimizer.rate(1, step: 50, of: 100, epoch: 0) - 0.5) < 1e-12)
        (optimizer.schedule, optimizer.warmup) = (.decay, 0)
        #expect(abs(optimizer.rate(2, step: 50, of: 100, epoch: 2) - 2 * 0.95 * 0.95) < 1e-12)
        optimizer.schedule = .constant
        #expect(optimizer.rate(2, step: 50, of: 100, epoch: 2) == 2)
    }
}
