/// Epochs of each stage, and the learning rate and annealing of every step.
struct RunSchedule: Sendable {
    let epochs: [Int]
    let totalImages: Int
    private let configuration: Configuration
    /// Of each stage.
    private let batchesPerEpoch: [Int]

    init(_ configuration: Configuration, plan: EpochPlan) {
        self.configuration = configuration
        let images = max(1, plan.training.count)
        let shared = SharedVolumes(plan, sampling: configuration.sampling, seed: configuration.seed)
        batchesPerEpoch = configuration.stages.map {
            configuration.sharesVolumes($0) ? shared.batchesPerEpoch : plan.batchesPerEpoch
        }
        epochs = configuration.stages.map { stage in
            if stage.epochs > 0 { return stage.epochs }
            let wanted = Int((Double(stage.images) / Double(images)).rounded())
            return max(stage.settles ? 1 : 2, min(stage.mostEpochs, wanted))
        }
        totalImages = zip(epochs, configuration.stages).reduce(0) { sum, item in
            sum + item.0 * (configuration.sharesVolumes(item.1) ? shared.imagesPerEpoch : plan.training.count)
        }
    }

    /// Learning rate and beta of a step.
    func values(state: RunState, stepInStage: Int) -> (rate: Double, beta: Double) {
        let steps = zip(epochs, batchesPerEpoch).map { $0 * $1 }
        let (stageSteps, before) = (steps[state.stage], steps[..<state.stage].reduce(0, +))
        let total = steps.reduce(0, +)
        let rate = configuration.optimizer.rate(
            configuration.stages[state.stage].learningRate, step: stepInStage, of: stageSteps,
            epoch: stepInStage / max(1, batchesPerEpoch[state.stage]))
        return (rate, configuration.annealing.beta(at: Double(before + stepInStage) / Double(max(1, total))))
    }

    /// Whether poses are refined where `epochsDone` of a stage's epochs are done: in the midst of the first
    /// stage in which codes are learned, which has the smallest box. In a large one it would take longer than
    /// the training.
    func refinesPoses(stage: Int, epochsDone: Int) -> Bool {
        guard configuration.refinesPoses, stage == configuration.stages.firstIndex(where: \.trainsEncoder),
            epochsDone < epochs[stage]
        else { return false }
        return configuration.poseRefinement.after.contains { share in
            max(1, Int((share * Double(epochs[stage])).rounded())) == epochsDone
        }
    }
}
