import CryoEM
import CryoIO
import Foundation
import OpusDSD

/// The work on one cell: training, where it has not been done, and scoring.
struct CellWork {
    let benchmark: QualityBenchmark
    let cell: QualityPlan.Cell
    let set: LoadedSet
    let reference: SetReference
    private let place: QualityFolder.CellFolder

    init(
        _ benchmark: QualityBenchmark, _ cell: QualityPlan.Cell, _ set: LoadedSet, _ reference: SetReference
    ) {
        (self.benchmark, self.cell, self.set, self.reference) = (benchmark, cell, set, reference)
        place = benchmark.folder.cell(cell)
    }

    /// The folder holds another training in the place of this one, which ends the benchmark.
    struct Conflict: Error { let error: DataError }

    /// What a training was asked for, paths left as the plan has them.
    private var wish: [String] {
        [cell.configuration.program ?? "dsd train"] + cell.configuration.settings
            + cell.configuration.arguments
    }

    func record(report: (String) -> Void) throws -> CellRecord {
        var record: CellRecord
        if let kept = QualityFolder.read(CellRecord.self, from: place.record) {
            guard kept.wish == wish else {
                throw Conflict(
                    error: DataError(
                        file: place.path, "the folder holds a training with other settings",
                        found: kept.wish.joined(separator: " "), wanted: wish.joined(separator: " "),
                        remedy: "Remove it, give the configuration another name, or give another --output"))
            }
            if kept.score != nil, !benchmark.rescores { return kept }
            record = kept
        } else {
            try? FileManager.default.removeItem(atPath: place.path)
            try OutputFolder.create(place.path)
            report("training")
            let cost = try cell.configuration.program.map(rival) ?? train()
            record = CellRecord(version: benchmark.version, wish: wish, cost: cost)
            try AtomicFile.write(json: record, to: place.record)
            try? FileManager.default.removeItem(atPath: RunFolder(place.run).cache)
        }
        report("scoring")
        record.score = try score()
        try AtomicFile.write(json: record, to: place.record)
        return record
    }

    private var clusters: Int { cell.set.clusters ?? (set.isContinuous ? 20 : set.stateCount) }

    private func score() throws -> QualityScore {
        let outcome =
            cell.configuration.program == nil
            ? try QualityOutcome(run: RunFolder(place.run))
            : try QualityOutcome(result: "\(place.run)/result", particles: set.count)
        return try QualityScore(
            outcome, on: set, reference: reference, clusters: clusters, neighbours: benchmark.plan.neighbours,
            threads: benchmark.threads)
    }

    /// Arguments of the configuration with `{set}` put in.
    private var arguments: [String] {
        let folder = (set.truth.file as NSString).deletingLastPathComponent
        return cell.configuration.arguments.map { $0.replacingOccurrences(of: "{set}", with: folder) }
    }

    private func train() throws -> ChildProcess.Cost {
        let threads = benchmark.trainingThreads.map { ["numerics.workers=\($0)"] } ?? []
        let settings = (threads + cell.configuration.settings).flatMap { ["--set", $0] }
        return try finished(
            benchmark.program,
            ["train", set.path, "--output", place.run, "--seed", "\(cell.seed)"] + settings + arguments)
    }

    /// Runs the script of another program: `SCRIPT train PARTICLES FOLDER SEED CLUSTERS ...`, which is
    /// measured, then `SCRIPT result` with the same words, which leaves the result in `FOLDER/result`. The
    /// folder holds `rows.txt`, `consensus.mrc` and `mask.mrc` before: the rows whose maps are wanted, and
    /// what the program may start from, made from the particles.
    private func rival(_ script: String) throws -> ChildProcess.Cost {
        let path = script.hasPrefix("/") ? script : "\(benchmark.planFolder)/\(script)"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw DataError(file: path, "the script is not there or cannot be run")
        }
        try OutputFolder.create(place.run)
        let rows = set.rows.map { "\($0)\n" }.joined()
        try AtomicFile.write(text: rows, to: "\(place.run)/rows.txt")
        let consensus = try DensityMap.read(benchmark.folder.set(cell.set.name).consensus)
        try consensus.write(to: "\(place.run)/consensus.mrc")
        try SolventMask(drawnFrom: consensus).map.write(to: "\(place.run)/mask.mrc")
        let words = [set.path, place.run, "\(cell.seed)", "\(clusters)"] + arguments
        let cost = try finished(path, ["train"] + words)
        _ = try finished(path, ["result"] + words, log: place.log + ".result")
        return cost
    }

    private func finished(
        _ program: String, _ arguments: [String], log: String? = nil
    ) throws -> ChildProcess.Cost {
        let log = log ?? place.log
        let child = try ChildProcess(program, arguments, log: log)
        guard child.status == 0 else {
            throw DataError(
                file: log, "the program ended with status \(child.status)",
                found: ChildProcess.lastLine(of: log))
        }
        return child.cost
    }
}
