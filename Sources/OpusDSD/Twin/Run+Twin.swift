import CryoEM
import Torch

extension Run {
    /// Images kept out of training; empty where the configuration keeps none.
    public var validationRows: [Int] {
        let configuration = data.record.configuration
        return EpochPlan(
            classes: data.table.classes, sampling: configuration.sampling, seed: configuration.seed
        ).validation
    }

    /// The run's twin at the box of its best epoch.
    public func twin(seed: UInt64) throws -> HomogeneousTwin {
        try HomogeneousTwin(of: stage, rows: Array(0..<data.particles.count), seed: seed)
    }
}

/// Makes codes of a run's images and of its twin's by one and the same way: the model of the best epoch, and
/// the cells of all the run's images.
public struct CodeReader {
    private let run: Run
    private let cells: CodeCells?

    public init(_ run: Run) throws {
        self.run = run
        cells =
            run.data.record.configuration.inference.enabled
            ? try run.evaluation.cells(of: try run.codesOfCells()) : nil
    }

    /// Codes of some of the run's images, made anew.
    public func codes(of rows: [Int]) throws -> Codes { try codes(of: rows, run.evaluation) { _ in } }

    /// Codes of the same particles of several replicas of the twin, one replica after the other.
    /// - Parameter progress: called with the images done.
    public func codes(
        of rows: [Int], twin: HomogeneousTwin, replicas: Int, progress: @escaping (Int) -> Void = { _ in }
    ) throws -> Codes {
        let images = TwinImages(twin: twin, rows: rows, replicas: replicas)
        let table = run.stage.particles
        let repeated = (0..<replicas).flatMap { _ in rows }
        let stage = run.stage.showing(
            images,
            of: ParticleTable(poses: repeated.map { table.poses[$0] }, ctf: repeated.map { table.ctf[$0] }))
        let evaluation = Evaluation(
            run.data.record.configuration, data: stage, model: run.model, workers: run.workers)
        let counter = ProgressCounter(progress)
        return try codes(of: Array(repeated.indices), evaluation) { counter.add($0) }
    }

    private func codes(
        of rows: [Int], _ evaluation: Evaluation, progress: @escaping @Sendable (Int) -> Void
    ) throws -> Codes {
        try evaluation.inferred(rows, encoded: try evaluation.encode(rows), cells: cells, progress: progress)
    }
}
