import Torch

/// The terms of the objective that compare codes with each other, with their gradients: divergence (METHOD
/// 3.2), Eq. 5 within view classes and Eq. 6 against the memory bank, for the codes of a whole batch.
///
/// On a CUDA device these are the formulas of `kullbackLeibler` and `StructuralDisentanglement`,
/// differentiated by libtorch. On a CPU, where so few numbers are gone through in less time than an
/// operator is called, two kernels of the shim do the same.
package struct CodeTerms: Sendable {
    private let prior: StructuralDisentanglement
    private let workers: WorkerPool

    package init(prior: StructuralDisentanglement, workers: WorkerPool) {
        (self.prior, self.workers) = (prior, workers)
    }

    package struct Found: Sendable {
        /// Of the weighted sum, for mu and log sigma, [B, Z] each.
        package let mean: Tensor, logSigma: Tensor
        /// Divergence, Eq. 5, Eq. 6: float64 [3].
        package let terms: Tensor

        /// The gradients of `count` codes from `first` on.
        func part(_ first: Int, _ count: Int) -> Found {
            Found(
                mean: mean.narrow(0, first, count), logSigma: logSigma.narrow(0, first, count), terms: terms)
        }
    }

    /// - Parameters:
    ///   - mean: mu [B, Z]; logSigma likewise; classes int64 [B].
    ///   - candidates: codes of the memory bank; nil where codes are not compared, and Eq. 5 and 6 are 0.
    ///   - divergenceWeight, priorWeight: weights of the divergence and of Eq. 5 and 6 in the sum.
    ///   - share: of the batch that these codes are, where they are not compared; terms and gradients are that
    ///     share of the batch's.
    package func evaluate(
        _ mean: Tensor, _ logSigma: Tensor, classes: Tensor, candidates: MemoryBank.Candidates?,
        divergenceWeight: Double, priorWeight: Double, share: Double = 1
    ) throws -> Found {
        let found = try evaluate(
            mean, logSigma, classes, candidates, divergenceWeight: share * divergenceWeight,
            priorWeight: share * priorWeight)
        return share == 1
            ? found : Found(mean: found.mean, logSigma: found.logSigma, terms: found.terms * share)
    }

    private func evaluate(
        _ mean: Tensor, _ logSigma: Tensor, _ classes: Tensor, _ candidates: MemoryBank.Candidates?,
        divergenceWeight: Double, priorWeight: Double
    ) throws -> Found {
        guard mean.device.isCUDA else {
            return try byKernels(
                mean, logSigma, classes, candidates, divergenceWeight: divergenceWeight,
                priorWeight: priorWeight)
        }
        let mu = try mean.requiringGradient()
        let ls = try logSigma.requiringGradient()
        let divergence = kullbackLeibler(mean: mu, logSigma: ls)
        var sum = divergenceWeight * divergence
        var terms = [divergence, .zeros([], mu.dtype, on: mu.device), .zeros([], mu.dtype, on: mu.device)]
        if let candidates {
            terms[1] = prior.intraClass(mu, classes: classes)
            terms[2] = try prior.interClass(mu, classes: classes, bank: candidates)
            sum = sum + priorWeight * (terms[1] + terms[2])
        }
        let found = try Torch.gradients(of: sum, for: [mu, ls])
        let zeros = mean * 0
        return Found(
            mean: found[0] ?? zeros, logSigma: found[1] ?? zeros,
            terms: Tensor.stack(terms.map { $0.detached() }).to(.float64))
    }

    private static let bankTerms = Operator("dsd::bank_terms"), codeTerms = Operator("dsd::code_terms")

    /// The workers compare with the bank, each a part of the batch.
    private func byKernels(
        _ mean: Tensor, _ logSigma: Tensor, _ classes: Tensor, _ candidates: MemoryBank.Candidates?,
        divergenceWeight: Double, priorWeight: Double
    ) throws -> Found {
        let s = prior.settings
        var inter: (values: Tensor, gradient: Tensor)?
        if let candidates, s.bankWeight > 0 {
            let ranges = TrainingStep.split(Array(0..<mean.size(0)), into: workers.count).filter {
                !$0.isEmpty
            }
            let (near, far) = prior.counts(in: candidates)
            let found = try workers.map { worker -> (Tensor, Tensor)? in
                guard worker < ranges.count else { return nil }
                let (first, count) = (ranges[worker][0], ranges[worker].count)
                let (values, gradient) = Self.bankTerms.pair(
                    .tensor(mean.narrow(0, first, count)), .tensor(classes.narrow(0, first, count)),
                    .tensor(candidates.bank), .tensor(candidates.bankClasses), .optional(candidates.rows),
                    .int(near), .int(far), .double(s.epsilon), .double(s.farWeight))
                return (try values.checked(), try gradient.checked())
            }.compactMap { $0 }
            inter = (
                s.bankWeight * Tensor.cat(found.map(\.0)), s.bankWeight * Tensor.cat(found.map(\.1))
            )
        }
        let all = try Self.codeTerms.results(
            .tensor(mean), .tensor(logSigma), .tensor(classes), .bool(candidates != nil),
            .optional(inter?.values), .optional(inter?.gradient), .int(s.intraNeighbours),
            .double(s.epsilon), .bool(s.boundedRepulsion), .double(divergenceWeight), .double(priorWeight))
        return Found(mean: all[1], logSigma: all[2], terms: all[0])
    }
}
