/// Epochs of each stage, and the learning rate and annealing of every step.
struct RunSchedule: Sendable {
    let epochs: [Int]
    let totalImages: Int
    private let configuration: Configuration
    private let batchesPerEpoch: Int

    init(_ configuration: Configuration, plan: EpochPlan) {
        self.configuration = configuration
        let images = max(1, plan.training.count)
        batchesPerEpoch = plan.batchesPerEpoch
        epochs = configuration.stages.map { stage in
            if stage.epochs > 0 { return stage.epochs }
            let wanted = Int((Double(stage.images) / Double(images)).rounded())
            return max(stage.settles ? 1 : 2, min(stage.mostEpochs, wanted))
        }
        totalImages = epochs.reduce(0, +) * plan.training.count
    }

    /// Learning rate and beta of a step.
    func values(state: RunState, stepInStage: Int) -> (rate: Double, beta: Double) {
        let stageSteps = epochs[state.stage] * batchesPerEpoch
        let before = epochs[..<state.stage].reduce(0, +) * batchesPerEpoch
        let total = epochs.reduce(0, +) * batchesPerEpoch
        let rate = configuration.optimizer.rate(
            configuration.stages[state.stage].learningRate, step: stepInStage, of: stageSteps,
            epoch: stepInStage / max(1, batchesPerEpoch))
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
