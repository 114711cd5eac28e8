import CryoEM
import Foundation
import Torch

/// What training reports while it runs.
public struct TrainingProgress: Sendable {
    public let stage: Int, stages: Int, box: Int
    public let epoch: Int, epochs: Int
    public let batch: Int, batches: Int
    public let terms: ObjectiveTerms
    /// Images of this call trained on so far, and still to come in the whole run.
    public let imagesDone: Int, imagesLeft: Int
}

/// Receives a run's progress and decides whether it goes on.
public protocol TrainingObserver: Sendable {
    func step(_ progress: TrainingProgress)
    func epoch(_ metrics: EpochMetrics)
    func stage(_ index: Int, geometry: StageGeometry, parameters: Int, epochs: Int)
    /// Images whose codes are known, between two stages.
    func inferring(_ done: Int, of count: Int)
    /// Images that poses have been refined of.
    func refining(_ done: Int, of count: Int)
    /// What a refinement of poses has found.
    func refined(_ found: PoseSpread)
    /// Asked after every step; true ends the run with a checkpoint.
    var shouldStop: Bool { get }
}

/// Stopped on request; the run folder has a checkpoint to resume from.
public struct TrainingInterrupted: Error {}

/// The training loop: stages of rising box, epochs, batches, validation, checkpoints. There is no other.
public struct Trainer {
    public let configuration: Configuration
    private let folder: RunFolder
    private let workers: WorkerPool
    private let observer: any TrainingObserver
    private let make: (Configuration.Stage, _ poseRound: Int) throws -> StageData
    private let yaml: String
    /// The processes that train together; nil where this one trains alone.
    private let team: Team?

    /// - Parameter data: makes a stage's data with the poses of a round; called once for both.
    public init(
        _ configuration: Configuration, folder: RunFolder, observer: any TrainingObserver, team: Team? = nil,
        data: @escaping (Configuration.Stage, _ poseRound: Int) throws -> StageData
    ) throws {
        self.configuration = configuration
        self.folder = folder
        self.observer = observer
        self.team = team
        make = data
        workers = WorkerPool(count: configuration.numerics.workers)
        yaml = try configuration.yaml()
    }

    /// A trained stage, for encoding and decoding.
    public struct Outcome: Sendable {
        public let data: StageData
        public let model: Model
        public let state: RunState
        public let workers: WorkerPool
        /// Codes of all images where the last stage kept them.
        public let codes: Codes?
    }

    /// Trains from the start, or from `checkpoint` on, to the end; the model of the best epoch of the last
    /// stage.
    public func run(from checkpoint: Checkpoint? = nil) throws -> Outcome {
        var state = checkpoint?.state ?? RunState()
        var carried = checkpoint?.tensors ?? [:]
        var restored = checkpoint != nil
        let table = try data(configuration.stages[state.stage], poseRound: state.poseRound)
        let plan = EpochPlan(
            classes: table.particles.classes, sampling: configuration.sampling, seed: configuration.seed)
        let schedule = RunSchedule(configuration, plan: plan)
        var current: StageRun?
        var stageData: StageData? = table
        while state.stage < configuration.stages.count {
            let stage = configuration.stages[state.stage]
            let data = try stageData ?? self.data(stage, poseRound: state.poseRound)
            stageData = nil
            var run = try StageRun(configuration, stage: stage, data: data, workers: workers, team: team)
            try run.start(from: carried, resuming: restored, file: folder.latestCheckpoint)
            if !restored { try save(run, state) }
            restored = false
            observer.stage(
                state.stage, geometry: data.geometry, parameters: Model.parameterCount(run.parameters),
                epochs: schedule.epochs[state.stage])
            try train(&run, plan: plan, schedule: schedule, state: &state)
            current = run
            try adoptBest(run, state)
            if state.stage + 1 == configuration.stages.count { break }
            let count = data.particles.count
            let counter = ProgressCounter { [observer] done in observer.inferring(done, of: count) }
            let handed = try run.handOver(
                to: configuration.stages[state.stage + 1], progress: { counter.add($0) })
            carried = handed.tensors
            if let poses = handed.poses { try adopt(poses, &state) }
            state.stage += 1
            (state.epochInStage, state.batch, state.bestError, state.bestEpoch) = (0, 0, nil, nil)
        }
        guard let run = current else { throw TorchError("a configuration without stages cannot be trained") }
        if !state.finished {
            state.finished = true
            try save(run, state)
        }
        return Outcome(
            data: run.data, model: run.model, state: state, workers: workers, codes: run.fixedCodes)
    }

    private func train(
        _ run: inout StageRun, plan: EpochPlan, schedule: RunSchedule, state: inout RunState
    ) throws {
        let firstImages = state.imagesSeen
        var terms = ObjectiveTerms()
        while state.epochInStage < schedule.epochs[state.stage] {
            if state.batch == 0, state.poseEpoch != state.epoch,
                !(state.poseSpreads?.last?.isNegligible(in: run.data.geometry) ?? false),
                schedule.refinesPoses(stage: state.stage, epochsDone: state.epochInStage)
            {
                run = try withRefinedPoses(run, &state)
            }
            let batches = batches(of: run, plan, epoch: state.epoch)
            let reader = run.reader(batches, from: state.batch)
            defer { reader.stop() }
            var unread: [StepRecord] = []
            while state.batch < batches.count {
                let stepInStage = state.epochInStage * batches.count + state.batch
                let (rate, beta) = schedule.values(state: state, stepInStage: stepInStage)
                unread.append(
                    try run.update(try reader.next(), step: state.step, beta: beta, rate: rate))
                state.imagesSeen += batches[state.batch].indices.count
                state.batch += 1
                state.step += 1
                let saves = state.step % configuration.numerics.checkpointSteps == 0
                if saves || unread.count >= run.recordsHeld || state.batch == batches.count {
                    terms = try read(&unread, into: &state) ?? terms
                }
                observer.step(
                    TrainingProgress(
                        stage: state.stage, stages: configuration.stages.count, box: run.data.geometry.box,
                        epoch: state.epochInStage, epochs: schedule.epochs[state.stage], batch: state.batch,
                        batches: batches.count, terms: terms, imagesDone: state.imagesSeen - firstImages,
                        imagesLeft: schedule.totalImages - state.imagesSeen))
                if try asksToStop(between: unread) {
                    _ = try read(&unread, into: &state)
                    try save(run, state)
                    throw TrainingInterrupted()
                }
                if saves { try save(run, state) }
            }
            try finishEpoch(
                run, plan: plan, schedule: schedule, state: &state, batches: batches.count,
                images: batches.reduce(0) { $0 + $1.indices.count })
        }
    }

    /// The batches of an epoch: every training image once, or where codes are kept, once on average.
    private func batches(of run: StageRun, _ plan: EpochPlan, epoch: Int) -> [PlannedBatch] {
        guard configuration.sharesVolumes(run.stage), let codes = run.fixedCodes else {
            return plan.batches(epoch: epoch).map { PlannedBatch($0) }
        }
        return SharedVolumes(plan, sampling: configuration.sampling, seed: configuration.seed)
            .batches(epoch: epoch, codes: codes)
    }

    /// The stage as it is, to go on with refined poses: what a start from a checkpoint would make of it.
    private func withRefinedPoses(_ run: StageRun, _ state: inout RunState) throws -> StageRun {
        let count = run.data.particles.count
        let counter = ProgressCounter { [observer] done in observer.refining(done, of: count) }
        guard let found = try run.refinedPoses(progress: { counter.add($0) }) else { return run }
        try adopt(found, &state)
        (state.bestError, state.bestEpoch, state.poseEpoch) = (nil, nil, state.epoch)
        let stage = configuration.stages[state.stage]
        let next = try StageRun(
            configuration, stage: stage, data: try data(stage, poseRound: state.poseRound), workers: workers,
            team: team)
        let tensors = Dictionary(uniqueKeysWithValues: run.checkpointParameters.map { ($0.name, $0.tensor) })
        try next.start(from: tensors, resuming: true, file: folder.latestCheckpoint)
        try save(next, state)
        return next
    }

    /// With refined poses the first of a team makes the consensus, which the others open.
    private func data(_ stage: Configuration.Stage, poseRound: Int) throws -> StageData {
        guard poseRound > 0, let team else { return try make(stage, poseRound) }
        let made = try team.leads ? make(stage, poseRound) : nil
        _ = try team.any(false)
        return try made ?? make(stage, poseRound)
    }

    private func adopt(_ poses: PoseRefinement.Outcome, _ state: inout RunState) throws {
        observer.refined(poses.spread)
        state.poseSpreads = (state.poseSpreads ?? []) + [poses.spread]
        if writes { try poses.changes.write(to: folder.poses(round: state.poseRound)) }
    }

    /// Whether the run is to end here; processes of a team ask each other where their terms are read anyway.
    private func asksToStop(between unread: [StepRecord]) throws -> Bool {
        guard let team else { return observer.shouldStop }
        return try unread.isEmpty && team.any(observer.shouldStop)
    }

    /// Adds the terms of steps to the epoch's sums; those of the last one.
    private func read(_ records: inout [StepRecord], into state: inout RunState) throws -> ObjectiveTerms? {
        var last: ObjectiveTerms?
        for record in records {
            let terms = try record.terms()
            for (k, value) in terms.values.enumerated() { state.sums[k] += value * Double(record.count) }
            last = terms
        }
        records = []
        return last
    }

    private func finishEpoch(
        _ run: StageRun, plan: EpochPlan, schedule: RunSchedule, state: inout RunState, batches: Int,
        images: Int
    ) throws {
        let (rate, beta) = schedule.values(state: state, stepInStage: (state.epochInStage + 1) * batches - 1)
        let error = plan.validation.isEmpty ? nil : try run.evaluation.error(plan.validation)
        let metrics = EpochMetrics(
            epoch: state.epoch + 1, stage: state.stage + 1, box: run.data.geometry.box,
            images: state.imagesSeen,
            learningRate: rate, beta: beta,
            terms: state.sums.map { $0 / Double(max(1, images)) },
            validation: error)
        state.metrics.append(metrics)
        state.epochInStage += 1
        state.epoch += 1
        state.batch = 0
        state.sums = state.sums.map { _ in 0 }
        let measured = error ?? metrics.terms[0]
        if state.bestError.map({ measured <= $0 }) ?? true {
            (state.bestError, state.bestEpoch) = (measured, state.epoch)
            if writes {
                try Checkpoint.write(
                    run.parameters, state: state, configuration: yaml, geometry: run.data.geometry,
                    to: folder.bestCheckpoint)
            }
        }
        try save(run, state)
        if writes { try folder.writeMetrics(state.metrics) }
        observer.epoch(metrics)
    }

    /// The parameters of the stage's best epoch.
    private func adoptBest(_ run: StageRun, _ state: RunState) throws {
        guard state.bestEpoch != nil, state.bestEpoch != state.epoch else { return }
        if writes { try run.model.adopt(try Checkpoint(path: folder.bestCheckpoint).tensors) }
        try team?.adoptFirst(run.parameters.map(\.tensor))
    }

    /// Whether this process writes to the run folder; of a team the first alone does.
    private var writes: Bool { team?.leads ?? true }

    private func save(_ run: StageRun, _ state: RunState) throws {
        guard writes else { return }
        try Checkpoint.write(
            run.checkpointParameters, state: state, configuration: yaml, geometry: run.data.geometry,
            to: folder.latestCheckpoint)
    }
}
