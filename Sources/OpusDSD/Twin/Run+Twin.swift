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
            ? try run.evaluation.cells(of: try run.encoderCodes()) : nil
    }

    /// Codes of some of the run's images, made anew.
    public func codes(of rows: [Int]) throws -> Codes { try codes(of: rows, run.evaluation) }

    /// Codes of the same particles of the twin.
    public func codes(of rows: [Int], twin: HomogeneousTwin, replica: Int) throws -> Codes {
        let images = TwinImages(twin: twin, replica: replica, count: run.data.particles.count)
        return try codes(
            of: rows,
            Evaluation(
                run.data.record.configuration, data: run.stage.showing(images), model: run.model,
                workers: run.workers))
    }

    private func codes(of rows: [Int], _ evaluation: Evaluation) throws -> Codes {
        try evaluation.inferred(rows, encoded: try evaluation.encode(rows), cells: cells) { _ in }
    }
}
