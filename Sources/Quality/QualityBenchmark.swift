import CryoEM
import CryoIO
import Foundation
import OpusDSD

/// Makes the sets of a plan, trains every cell in a process and folder of its own, and scores what came out.
///
/// What is in the folder already is not made again; a training that was interrupted starts anew, so that its
/// cost is that of one whole training.
public struct QualityBenchmark: Sendable {
    public let plan: QualityPlan
    public let folder: QualityFolder
    /// Folder of the plan, beside which scripts of other programs are.
    public let planFolder: String
    /// Folder that files of sets are looked for in.
    public let data: String
    /// Path of `dsd`.
    public let program: String
    public let version: String
    public let threads: Int
    /// Threads of a training where the plan gives none; nil leaves them to it.
    public let trainingThreads: Int?
    /// Scores trainings that were scored before once more.
    public let rescores: Bool

    public init(
        plan: QualityPlan, folder: QualityFolder, planFolder: String, data: String, program: String,
        version: String, threads: Int, trainingThreads: Int? = nil, rescores: Bool = false
    ) {
        (self.plan, self.folder, self.planFolder, self.data) = (plan, folder, planFolder, data)
        (self.program, self.version, self.threads, self.rescores) = (program, version, threads, rescores)
        self.trainingThreads = trainingThreads
    }

    /// Everything there is to do, cell by cell.
    /// - Parameters:
    ///   - report: told what is done.
    ///   - shouldStop: asked before each cell.
    ///   - update: given all results after each cell, those to come as waiting.
    /// - Throws: `DataError` where the folder holds other sets or cells of the same names.
    public func run(
        report: (String) -> Void, shouldStop: () -> Bool, update: ([QualityResult]) throws -> Void
    ) throws -> [QualityResult] {
        try OutputFolder.create(folder.path)
        let cells = plan.cells
        var results = cells.map { cell in
            QualityResult(
                set: cell.set.name, configuration: cell.configuration.name, seed: cell.seed, status: .waiting,
                reason: "the benchmark ended before it")
        }
        var open: (name: String, state: SetState)?
        for (place, cell) in cells.enumerated() {
            if shouldStop() { break }
            let state: SetState
            if let open, open.name == cell.set.name {
                state = open.state
            } else {
                state = try prepared(cell.set, report: report)
            }
            open = (cell.set.name, state)
            var result = results[place]
            result.reason = nil
            switch state {
            case .absent(let reason): (result.status, result.reason) = (.absent, reason)
            case .failed(let reason): (result.status, result.reason) = (.failed, reason)
            case .ready(let set, let reference):
                let name = "\(cell.set.name), \(cell.configuration.name), seed \(cell.seed)"
                do {
                    let record = try CellWork(self, cell, set, reference).record { report("\(name): \($0)") }
                    (result.status, result.score, result.cost) = (.done, record.score, record.cost)
                } catch let error as CellWork.Conflict { throw error.error } catch {
                    let isStopped = shouldStop()
                    (result.status, result.reason) = (isStopped ? .waiting : .failed, "\(error)")
                    report("\(name) \(isStopped ? "interrupted" : "failed: \(error)")")
                }
            }
            results[place] = result
            try update(results)
        }
        try update(results)
        return results
    }

    enum SetState {
        case ready(LoadedSet, SetReference)
        case absent(String)
        case failed(String)
    }

    func resolve(_ path: String) -> String { path.hasPrefix("/") ? path : "\(data)/\(path)" }

    /// A set with its anchors; made where it is not there.
    private func prepared(_ set: QualitySet, report: (String) -> Void) throws -> SetState {
        if let missing = set.inputs.first(where: { !FileManager.default.fileExists(atPath: resolve($0)) }) {
            return .absent("\(missing) is not there")
        }
        let place = folder.set(set.name)
        try OutputFolder.create(place.path)
        var paths: (particles: String, truth: String, mask: String)
        switch set.source {
        case .files(let particles, let truth, let mask):
            paths = (resolve(particles), resolve(truth), resolve(mask))
        case .simulated(let options):
            if let failure = try simulated(set.name, options, place, report: report) {
                return .failed(failure)
            }
            paths = (
                "\(place.particles)/particles.star", "\(place.particles)/truth.npz",
                "\(place.particles)/mask.mrc"
            )
        }
        do {
            let loaded = try LoadedSet(
                particles: paths.particles, truth: paths.truth, mask: paths.mask, images: plan.images,
                cache: place.cache, threads: threads)
            return .ready(loaded, try reference(loaded, place) { report("\(set.name): \($0)") })
        } catch { return .failed("\(error)") }
    }

    /// - Returns: why the set could not be made; nil where it is there.
    private func simulated(
        _ name: String, _ options: [QualitySet.Option], _ place: QualityFolder.SetFolder,
        report: (String) -> Void
    ) throws -> String? {
        if let record = QualityFolder.read(SetRecord.self, from: place.record) {
            guard record.options == options else {
                throw DataError(
                    file: place.path, "the folder holds a set of this name that was made with other options",
                    remedy: "Remove it with the runs on it, or give another --output")
            }
            return nil
        }
        report("\(name): simulating")
        try? FileManager.default.removeItem(atPath: place.particles)
        let arguments = QualitySet.arguments(options, resolve: resolve)
        let child = try ChildProcess(
            program, ["simulate"] + arguments + ["--output", place.particles, "--threads", "\(threads)"],
            log: place.log)
        guard child.status == 0 else { return "dsd simulate: \(ChildProcess.lastLine(of: place.log))" }
        try AtomicFile.write(json: SetRecord(version: version, options: options), to: place.record)
        return nil
    }

    private func reference(
        _ set: LoadedSet, _ place: QualityFolder.SetFolder, report: (String) -> Void
    ) throws -> SetReference {
        if let kept = QualityFolder.read(SetReference.self, from: place.reference), kept.rows == set.rows,
            FileManager.default.fileExists(atPath: place.consensus)
        {
            return kept
        }
        report("consensus and true labels")
        guard let consensus = try set.reconstruction(Array(0..<set.count)) else {
            throw DataError(file: set.path, "a benchmark wants two particles at least", found: "\(set.count)")
        }
        try consensus.write(to: place.consensus)
        let reference = try SetReference(set, consensus: consensus, report: report)
        try AtomicFile.write(json: reference, to: place.reference)
        return reference
    }
}
