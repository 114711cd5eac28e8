import OpusDSD
import TestSupport
import Testing
import Torch

/// The kernels of the terms that compare codes, against the formulas differentiated by libtorch, in float64.
@Suite struct CodeTermsTests {
    @Test(arguments: [1, 2, 5], [false, true])
    func kernelsEqualTheFormulas(_ workers: Int, _ bounded: Bool) throws {
        var settings = Configuration.Prior()
        settings.boundedRepulsion = bounded
        (settings.intraNeighbours, settings.interNeighbours, settings.interFar) = (2, 7, 5)
        (settings.bankWeight, settings.farWeight) = (0.7, 1.3)
        let prior = StructuralDisentanglement(settings)
        let (batch, size) = (13, 3)
        // The fourth class has one code alone; the bank has codes of every class.
        let classes = Tensor(indices: (0..<batch).map { $0 == 0 ? 3 : $0 % 3 })
        let bank = MemoryBank(classes: (0..<90).map { $0 % 4 }, latentSize: size, momentum: 0.5, seed: 2)
        let mean = Tensor.normal([batch, size], seed: 1)
        let logSigma = Tensor.normal([batch, size], seed: 2) * 0.3
        let (ofDivergence, ofPrior) = (0.3, 1.7)
        for candidates in [bank.candidates(40, step: 3), bank.candidates(1000, step: 3)] {
            let found = try CodeTerms(prior: prior, workers: WorkerPool(count: workers)).evaluate(
                mean, logSigma, classes: classes, candidates: candidates, divergenceWeight: ofDivergence,
                priorWeight: ofPrior)
            let mu = try mean.requiringGradient()
            let ls = try logSigma.requiringGradient()
            let terms = [
                kullbackLeibler(mean: mu, logSigma: ls), prior.intraClass(mu, classes: classes),
                try prior.interClass(mu, classes: classes, bank: candidates),
            ]
            let sum = ofDivergence * terms[0] + ofPrior * (terms[1] + terms[2])
            let wanted = try gradients(of: sum, for: [mu, ls])
            // Distances to the bank are those of float32.
            #expect(try (found.terms - Tensor.stack(terms)).abs().max().item() < 1e-6)
            #expect(try (found.mean - #require(wanted[0])).abs().max().item() < 1e-6)
            #expect(try (found.logSigma - #require(wanted[1])).abs().max().item() < 1e-12)
        }
    }

    /// Without the bank, and without any comparison, what is left is exact.
    @Test func partsThatAreOffAreZero() throws {
        var settings = Configuration.Prior()
        settings.bankWeight = 0
        let bank = MemoryBank(classes: [0, 1, 2, 0], latentSize: 2, momentum: 0.5, seed: 2)
        let mean = Tensor.normal([4, 2], seed: 3)
        let logSigma = Tensor.normal([4, 2], seed: 4)
        let classes = Tensor(indices: [0, 0, 1, 1])
        func terms(_ candidates: MemoryBank.Candidates?) throws -> CodeTerms.Found {
            try CodeTerms(prior: StructuralDisentanglement(settings), workers: WorkerPool(count: 2)).evaluate(
                mean, logSigma, classes: classes, candidates: candidates, divergenceWeight: 2, priorWeight: 3)
        }
        let alone = try terms(nil)
        #expect(try alone.terms.doubles()[1...] == [0, 0])
        #expect(try (alone.mean - mean / 2).abs().max().item() < 1e-12)
        let within = try terms(bank.candidates(4, step: 0)).terms.doubles()
        #expect(within[1] > 0 && within[2] == 0)
        #expect(abs(within[0] - (try kullbackLeibler(mean: mean, logSigma: logSigma).item())) < 1e-12)
    }

    /// Codes that lie on each other, and a bank whose codes do, give finite gradients.
    @Test func codesInOnePlaceAreFinite() throws {
        let bank = MemoryBank.Candidates(
            codes: .zeros([40, 2]), classes: Tensor(indices: (0..<40).map { $0 % 5 }))
        let found = try CodeTerms(
            prior: StructuralDisentanglement(Configuration.Prior()), workers: WorkerPool(count: 2)
        ).evaluate(
            .zeros([6, 2], .float64), .zeros([6, 2], .float64), classes: Tensor(indices: [0, 0, 0, 1, 1, 2]),
            candidates: bank, divergenceWeight: 1, priorWeight: 1)
        for tensor in [found.mean, found.logSigma, found.terms] {
            #expect(try tensor.doubles().allSatisfy(\.isFinite))
        }
        #expect(try found.mean.doubles().allSatisfy { $0 == 0 })
    }
}
