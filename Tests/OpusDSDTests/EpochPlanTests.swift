import OpusDSD
import Testing

@Suite struct EpochPlanTests {
    static let classes = (0..<203).map { $0 * $0 % 7 }

    @Test(arguments: [(0, 16), (1, 8), (4, 16), (16, 16), (3, 10)])
    func everyTrainingImageIsSeenOnceAnEpoch(blocks: Int, batch: Int) {
        var sampling = Configuration.Sampling()
        (sampling.classBlocks, sampling.batch) = (blocks, batch)
        let plan = EpochPlan(classes: Self.classes, sampling: sampling, seed: 3)
        for epoch in 0..<3 {
            let batches = plan.batches(epoch: epoch)
            #expect(batches.flatMap { $0 }.sorted() == plan.training)
            #expect(batches.count == plan.batchesPerEpoch)
            #expect(batches.allSatisfy { !$0.isEmpty && $0.count <= batch })
        }
        #expect(plan.batches(epoch: 0) != plan.batches(epoch: 1))
        #expect(
            plan.batches(epoch: 1)
                == EpochPlan(classes: Self.classes, sampling: sampling, seed: 3).batches(epoch: 1))
    }

    @Test func splitIsNineToOneAndWithoutOverlap() {
        let plan = EpochPlan(classes: Self.classes, sampling: Configuration.Sampling(), seed: 1)
        #expect(plan.validation.count == 20)
        #expect(Set(plan.training).isDisjoint(with: plan.validation))
        #expect((plan.training + plan.validation).sorted() == Array(0..<203))
    }

    @Test func oneBlockHoldsOneClassButForTheRemainders() {
        var sampling = Configuration.Sampling()
        (sampling.classBlocks, sampling.batch, sampling.validationFraction) = (1, 8, 0)
        let plan = EpochPlan(classes: Self.classes, sampling: sampling, seed: 1)
        let mixed = plan.batches(epoch: 0).filter { Set($0.map { Self.classes[$0] }).count > 1 }
        let remainders = (0..<7).reduce(0) { sum, c in sum + Self.classes.filter { $0 == c }.count % 8 }
        #expect(mixed.count <= (remainders + 7) / 8)
    }

    @Test func aTinySetKeepsATrainingImage() {
        var sampling = Configuration.Sampling()
        sampling.validationFraction = 0.8
        #expect(EpochPlan(classes: [0, 1], sampling: sampling, seed: 1).training.count >= 1)
    }
}
