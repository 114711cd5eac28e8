import CryoEM
import Foundation
import Synchronization
import Torch

/// Codes of images by the likelihood of the images under the decoder.
///
/// The encoder looks at an image once and guesses; the decoder can say how well any code explains the image.
/// The codes of all images are divided into cells. Every image is compared with the volume of every cell's
/// centre, and in its best few cells with the decoder made linear about the centre (`CellPosterior`); its
/// code is the mean of the posterior over these cells and the poses of the search. Images that the decoder
/// was trained on and images it has not seen are treated alike. `docs/quality.md` has what it is worth.
struct CodeInference {
    let evaluation: Evaluation
    let settings: Configuration.Inference
    let cells: CodeCells

    private let known = CellVolumes()

    private var data: StageData { evaluation.data }
    private var workers: WorkerPool { evaluation.workers }
    /// Volumes held at a time.
    private static let volumeBytes = 256 << 20

    /// Cells whose centres' volumes are held at a time.
    private var centreGroups: [[Int]] {
        let side = data.geometry.volumeSide
        let atOnce = max(workers.count, Self.volumeBytes / (4 * side * side * side))
        return EpochPlan.chunks(Array(0..<cells.count), of: atOnce)
    }

    /// Posterior means and log sigmas of images, [indices.count, Z + Za] row-major; a pose block stays as it
    /// is.
    /// - Parameter codes: the encoder's or earlier means and log sigmas of these images.
    func posterior(
        _ indices: [Int], codes: Codes, progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws -> Codes {
        let counter = LookCounter(passes: Double(1 + settings.closer), report: progress)
        let scores = try search(indices, codes: codes, looked: counter.add)
        let best = cells.rows(highest: settings.closer, of: scores)
        var mixtures = [MixedPosterior](repeating: MixedPosterior(), count: indices.count)
        for cell in 0..<cells.count where !best[cell].isEmpty {
            let volumes = try linearised(cell)
            for group in EpochPlan.chunks(best[cell], of: Evaluation.mostAtOnce * workers.count) {
                let grams = try self.grams(group, of: indices, codes: codes, volumes: volumes)
                for (row, gram) in zip(group, grams) { add(gram, cell: cell, to: &mixtures[row]) }
                counter.add(group.count)
            }
        }
        var result = codes
        for (row, mixture) in mixtures.enumerated() { result.set(row, mixture, size: cells.size) }
        return result
    }

    /// ln(share) + ln likelihood of every image at every cell's centre, [indices.count, cells] row-major.
    func search(
        _ indices: [Int], codes: Codes, looked: @escaping (Int) -> Void
    ) throws -> [Float] {
        var scores = [Float](repeating: 0, count: indices.count * cells.count)
        let groups = centreGroups
        let counter = LookCounter(passes: Double(groups.count), report: looked)
        let mask = Tensor(data.mask, shape: [data.mask.count]).to(data.device)
        for group in groups {
            let basis = try CentreBasis(try centres(group), mask: mask)
            for rows in EpochPlan.chunks(Array(indices.indices), of: Evaluation.mostAtOnce * workers.count) {
                let parts = TrainingStep.split(rows, into: workers.count)
                let found = try workers.map { worker -> [Float] in
                    guard !parts[worker].isEmpty else { return [] }
                    return try withoutGradient { () throws -> [Float] in
                        let view = try self.view(parts[worker], of: indices, codes: codes)
                        return try logLikelihoods(basis, view).floats()
                    }
                }.flatMap { $0 }
                for (k, row) in rows.enumerated() {
                    for (j, cell) in group.enumerated() {
                        scores[row * cells.count + cell] =
                            found[k * group.count + j] + Float(log(max(cells.shares[cell], 1e-9)))
                    }
                }
                counter.add(rows.count)
            }
        }
        return scores
    }

    private func add(_ grams: [Float], cell: Int, to mixture: inout MixedPosterior) {
        let square = (cells.size + 2) * (cells.size + 2)
        let poses = grams.count / square
        let centre = cells.centres[(cell * cells.size)..<((cell + 1) * cells.size)]
        for pose in 0..<poses {
            mixture.add(
                CellPosterior(
                    gram: grams[(pose * square)..<((pose + 1) * square)], centre: centre,
                    axes: cells.axes[cell], temperature: settings.temperature),
                share: cells.shares[cell] / Double(poses))
        }
    }

    // MARK: Volumes

    /// [group.count, T, T, T].
    private func centres(_ group: [Int]) throws -> Tensor {
        try decode(
            group.map { cell in Array(cells.centres[(cell * cells.size)..<((cell + 1) * cells.size)]) })
    }

    /// V(c) and the secants (V(c + L_d) - V(c - L_d)) / 2 of a cell, [Z + 1, T, T, T].
    func linearised(_ cell: Int) throws -> Tensor {
        let side = data.geometry.volumeSide
        let bytes = 4 * cells.count * (cells.size + 1) * side * side * side
        guard bytes <= Self.volumeBytes else { return try newlyLinearised(cell) }
        return try known.volumes(cell) { try newlyLinearised(cell) }
    }

    private func newlyLinearised(_ cell: Int) throws -> Tensor {
        let size = cells.size
        let centre = Array(cells.centres[(cell * size)..<((cell + 1) * size)])
        var codes = [centre]
        for d in 0..<size {
            let step = (0..<size).map { Float(cells.axes[cell][$0 * size + d]) }
            codes.append(zip(centre, step).map { $0 + $1 })
            codes.append(zip(centre, step).map { $0 - $1 })
        }
        let volumes = try decode(codes)
        let side = data.geometry.volumeSide
        return try withoutGradient {
            let pairs = volumes.narrow(0, 1, 2 * size).reshape([size, 2, side, side, side])
            let secants = (pairs.select(1, 0) - pairs.select(1, 1)) * 0.5
            return try Tensor.cat([volumes.narrow(0, 0, 1), secants]).checked()
        }
    }

    private func decode(_ codes: [[Float]]) throws -> Tensor {
        let parts = TrainingStep.split(codes, into: workers.count)
        let volumes = try workers.map { worker -> [Tensor] in
            try EpochPlan.chunks(parts[worker], of: evaluation.block).map { codes in
                try withoutGradient {
                    let z = Tensor(codes.flatMap { $0 }, shape: [codes.count, codes[0].count])
                        .to(data.device)
                    return try data.volumes(z, evaluation.model, gain: evaluation.gain).checked()
                }
            }
        }.flatMap { $0 }
        return Tensor.cat(volumes)
    }

    // MARK: Images

    /// Images as the error sees them, with the poses they are rendered at.
    private struct View {
        let batch: ParticleBatch
        let rotations: Tensor
        let shifts: Tensor?
        /// `StageData.rows(of:)`, [B, 1, n].
        let images: Tensor
    }

    private func view(_ rows: [Int], of indices: [Int], codes: Codes) throws -> View {
        let batch = try data.batch(rows.map { indices[$0] })
        let (rotations, shifts) = data.corrected(batch, codes.tensor(rows, on: data.device), evaluation.model)
        return View(batch: batch, rotations: rotations, shifts: shifts, images: data.rows(of: batch))
    }

    /// Volumes [V, T, T, T] as all images of a view see them, [B, K, V, n].
    private func rendered(_ volumes: Tensor, _ view: View) -> Tensor {
        data.rows(all: volumes, rotations: view.rotations, view.batch, shifts: view.shifts)
    }

    /// ln of the mean likelihood over the poses, less |x|^2 / 2T, of all centres: [B, centres].
    private func logLikelihoods(_ basis: CentreBasis, _ view: View) -> Tensor {
        let errors = basis.errors(view.images, rendered(basis.volumes, view))
        let logs = errors * (-0.5 / settings.temperature)
        guard logs.size(1) > 1 else { return logs.select(1, 0) }
        let top = logs.max([1], keep: true)
        return ((logs - top).exp().mean([1]).log() + top.select(1, 0))
    }

    /// For each row the Gram matrices of its image, the rendered centre and the rendered secants, one a pose,
    /// [K, Z + 2, Z + 2] row-major.
    private func grams(_ rows: [Int], of indices: [Int], codes: Codes, volumes: Tensor) throws -> [[Float]] {
        let parts = TrainingStep.split(rows, into: workers.count)
        return try workers.map { worker -> [[Float]] in
            guard !parts[worker].isEmpty else { return [] }
            return try withoutGradient { () throws -> [[Float]] in
                let view = try self.view(parts[worker], of: indices, codes: codes)
                let shown = rendered(volumes, view)
                let (count, poses, n) = (shown.size(0), shown.size(1), shown.size(3))
                let images = view.images.unsqueeze(1).expand([count, poses, 1, n])
                let table = Tensor.cat([images, shown], 2)
                let grams = try table.matmul(table.transposed(2, 3)).floats()
                let each = grams.count / count
                return (0..<count).map { Array(grams[($0 * each)..<(($0 + 1) * each)]) }
            }
        }.flatMap { $0 }
    }
}

/// Volumes of cells that are looked at again: the prior of poses is estimated before all images are.
private final class CellVolumes: Sendable {
    private let made = Mutex<[Int: Tensor]>([:])

    func volumes(_ cell: Int, _ make: () throws -> Tensor) throws -> Tensor {
        if let volumes = made.withLock({ $0[cell] }) { return volumes }
        let volumes = try make()
        made.withLock { $0[cell] = volumes }
        return volumes
    }
}

/// Counts looks at images where each is looked at several times, and reports them as images done.
final class LookCounter {
    private let passes: Double
    private let report: (Int) -> Void
    private var looks = 0

    init(passes: Double, report: @escaping (Int) -> Void) { (self.passes, self.report) = (passes, report) }

    func add(_ rows: Int) {
        let before = Int(Double(looks) / passes)
        looks += rows
        report(Int(Double(looks) / passes) - before)
    }
}

extension Codes {
    /// Gives a row the moments of a mixture, where it has any.
    mutating func set(_ row: Int, _ mixture: MixedPosterior, size: Int) {
        guard let (mean, logSigma) = mixture.moments else { return }
        for d in 0..<size {
            self.mean[row * width + d] = Float(mean[d])
            self.logSigma[row * width + d] = Float(logSigma[d])
        }
    }
}
