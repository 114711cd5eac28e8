import CryoEM
import Foundation
import Torch

/// Codes, poses and contrasts of images by their likelihood under the decoder.
///
/// Poses of a consensus refinement are those under which images fit one map. Here each image is compared with
/// the maps of a few cells, and in each its pose is sought by a Gauss-Newton step, together with its code: an
/// error of the pose is then not mistaken for a change of structure. The prior of poses is about those of the
/// particle file, and as wide as the images say (`PosePrior.fitted`); where the file is right it comes out
/// narrow, and poses stay.
struct JointInference {
    let inference: CodeInference
    let prior: PosePrior
    let effort: Effort
    let goal: Goal
    private let look: PoseLook

    /// How cells are chosen for an image.
    enum Effort: Sendable {
        /// The nearest to the code, for poses while codes are still being learned.
        case quick
        /// Those that explain it best of all.
        case full
    }

    /// What poses are for.
    enum Goal: Sendable {
        /// Codes that are still to be found. Squared errors count 1 / `Configuration.Inference.temperature`,
        /// as for codes: poses that follow images all the way take up some of the structure.
        case codes
        /// Maps of codes that are known. What images say of poses counts whole.
        case maps
    }

    init(inference: CodeInference, prior: PosePrior, effort: Effort, goal: Goal) {
        (self.inference, self.prior, self.effort, self.goal) = (inference, prior, effort, goal)
        look = PoseLook(inference.evaluation.data)
    }

    private static let nearest = 3

    /// What was found of some images.
    struct Outcome {
        var codes: Codes
        /// From the particle file.
        var changes: PoseChanges
        /// The cell that explains an image best.
        var cells: [Int]
    }

    private var evaluation: Evaluation { inference.evaluation }
    private var cells: CodeCells { inference.cells }

    /// One image in one cell.
    private struct Seen: Sendable {
        let row: Int
        let pose: [Double]
        let posterior: CellPosterior
        let likelihood: JointLikelihood
    }

    /// - Parameter codes: the encoder's or earlier means and log sigmas of the images.
    func posterior(
        _ indices: [Int], codes: Codes, progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws -> Outcome {
        var outcome = Outcome(codes: codes, changes: PoseChanges(count: indices.count), cells: [])
        // What is known of an image in all of its cells takes more memory than what comes out.
        for rows in EpochPlan.chunks(Array(indices.indices), of: Self.mostAtOnce) {
            let first = rows[0]
            let (best, mixtures) = try leaders(
                rows.map { indices[$0] }, codes: codes.rows(first..<(first + rows.count)), progress: progress)
            outcome.changes.replace(from: first, by: look.changes(best.map(\.seen.pose)))
            outcome.cells += best.map(\.cell)
            for (row, mixture) in zip(rows, mixtures) { outcome.codes.set(row, mixture, size: cells.size) }
        }
        return outcome
    }

    /// What images say in the cell that explains each best.
    func likelihoods(_ indices: [Int], codes: Codes) throws -> [JointLikelihood] {
        try leaders(indices, codes: codes, progress: { _ in }).best.map(\.seen.likelihood)
    }

    private static let mostAtOnce = 32_768

    private struct Leader {
        var seen: Seen
        var cell: Int
        var score: Double
    }

    private func leaders(
        _ indices: [Int], codes: Codes, progress: @escaping @Sendable (Int) -> Void
    ) throws -> (best: [Leader], mixtures: [MixedPosterior]) {
        let searches = effort == .full
        let closer = searches ? inference.settings.closer : Self.nearest
        let counter = LookCounter(passes: Double(closer + (searches ? 1 : 0)), report: progress)
        let scores =
            try searches
            ? inference.search(indices, codes: codes, looked: counter.add) : cells.closeness(of: codes)
        let places = cells.rows(highest: closer, of: scores)
        var mixtures = [MixedPosterior](repeating: MixedPosterior(), count: indices.count)
        var leaders = [Leader?](repeating: nil, count: indices.count)
        for cell in 0..<cells.count where !places[cell].isEmpty {
            let linear = try inference.linearised(cell)
            let volumes = withoutGradient { evaluation.data.withMoments(linear) }
            let share = cells.shares[cell]
            for seen in try self.seen(places[cell], of: indices, cell: cell, volumes: volumes) {
                mixtures[seen.row].add(seen.posterior, share: share)
                let score = seen.posterior.logEvidence + log(max(share, 1e-9))
                if leaders[seen.row].map({ score > $0.score }) ?? true {
                    leaders[seen.row] = Leader(seen: seen, cell: cell, score: score)
                }
            }
            counter.add(places[cell].count)
        }
        let best = leaders.compactMap { $0 }
        precondition(best.count == indices.count, "every image is looked at in a cell")
        return (best, mixtures)
    }

    /// Images in one cell, by all workers.
    private func seen(_ rows: [Int], of indices: [Int], cell: Int, volumes: Tensor) throws -> [Seen] {
        let workers = evaluation.workers
        return try EpochPlan.chunks(rows, of: Evaluation.mostAtOnce * workers.count).flatMap { group in
            let parts = TrainingStep.split(group, into: workers.count)
            return try workers.map { worker -> [Seen] in
                guard !parts[worker].isEmpty else { return [] }
                return try withoutGradient {
                    try part(parts[worker], of: indices, cell: cell, volumes: volumes)
                }
            }.flatMap { $0 }
        }
    }

    private func part(_ rows: [Int], of indices: [Int], cell: Int, volumes: Tensor) throws -> [Seen] {
        let particles = rows.map { indices[$0] }
        let batch = try evaluation.data.batch(particles)
        let poses = look.unknowns(look.present.selecting(particles))
        let side = cells.size + JointLikelihood.poseSize + 1
        let grams = try look.grams(batch, volumes).floats()
        return rows.indices.map { k in
            let likelihood = JointLikelihood(
                gram: grams[(k * side * side)..<((k + 1) * side * side)], codeSize: cells.size,
                pose: poses[k])
            let tempered = likelihood.tempered(inference.settings.temperature)
            let posterior = tempered.posterior(prior)
            let ofPose = goal == .codes ? posterior : likelihood.posterior(prior)
            return Seen(
                row: rows[k], pose: PoseLook.moved(poses[k], to: Array(ofPose.mean[cells.size...])),
                posterior: code(posterior, cell: cell), likelihood: goal == .codes ? tempered : likelihood)
        }
    }

    /// Of the code c + L u.
    private func code(_ posterior: JointLikelihood.Posterior, cell: Int) -> CellPosterior {
        let size = cells.size
        var mean = cells.centres[(cell * size)..<((cell + 1) * size)].map(Double.init)
        var variance = mean
        for i in 0..<size {
            let row = Array(cells.axes[cell][(i * size)..<((i + 1) * size)])
            mean[i] += zip(row, posterior.mean).reduce(0) { $0 + $1.0 * $1.1 }
            variance[i] = posterior.variance(row + [Double](repeating: 0, count: JointLikelihood.poseSize))
        }
        return CellPosterior(logEvidence: posterior.logEvidence, mean: mean, variance: variance)
    }
}
