import CryoIO
import Foundation
import Latent
import OpusDSD

/// Compares the codes of a run with those of homogeneous twins of its data: the same poses, CTFs and noise,
/// and the consensus in every image.
///
/// Codes spread even where nothing moves, because noise moves them. How much is measured here: images that
/// training has not seen are encoded, and so are the same particles of several twins, which differ in their
/// noise alone. Along every principal component of the run's codes their spread is held against the twins'.
/// Images that were trained on would not do, as the networks remember some of their noise.
public struct NullTest: Sendable {
    public let run: Run
    public let settings: NullSettings
    public let threads: Int?
    public var folder: String { AnalysisFolder(run.data.folder).null }

    public init(_ run: Run, settings: NullSettings, threads: Int? = nil) throws(DataError) {
        try settings.validate()
        (self.run, self.settings, self.threads) = (run, settings, threads)
    }

    /// Does the comparison; writes `null/null.json`, and the compared codes as `null/codes.npy` and
    /// `null/twin_codes.npy`.
    public func perform(
        report: (String) -> Void = { _ in }, progress: @escaping RunData.Progress = { _, _, _ in }
    ) throws -> NullFindings {
        let table = try LatentCodes(run.data.folder).table
        let (rows, areHeldOut) = compared()
        if !areHeldOut {
            report(
                "warning: the run kept no images out of training (sampling.validationFraction 0); images "
                    + "that were trained on spread more than new ones, and the comparison is too hopeful")
        }
        let twin = try run.twin(seed: settings.seed)
        let reader = try CodeReader(run)
        let own = try matrix(try reader.codes(of: rows))
        // Volumes of codes are decoded once for all replicas, so these are one piece of work.
        let codes = try matrix(
            try reader.codes(of: rows, twin: twin, replicas: settings.replicas) { done in
                progress("encoding twins", done, rows.count * settings.replicas)
            })
        let twins = (0..<settings.replicas).map { replica in
            codes.selecting(rows: Array(replica * rows.count..<(replica + 1) * rows.count))
        }
        var findings = try compare(table, own, twins, areHeldOut: areHeldOut)
        findings.scale = twin.scale
        try write(findings, rows: rows, own, twins)
        return findings
    }

    /// Rows of the compared images, ascending, and whether training has not seen them.
    private func compared() -> (rows: [Int], areHeldOut: Bool) {
        let kept = run.validationRows
        let pool = kept.isEmpty ? Array(0..<run.data.particles.count) : kept
        var random = RandomSource(seed: settings.seed)
        return (Array(pool.shuffled(using: &random).prefix(settings.images)).sorted(), !kept.isEmpty)
    }

    private func compare(
        _ table: Matrix, _ own: Matrix, _ twins: [Matrix], areHeldOut: Bool
    ) throws -> NullFindings {
        let spread = try TwinSpread(try PCA(table, threads: threads), real: own, twins: twins)
        var kmeans = KMeansSettings(clusters: min(settings.clusters, table.rows))
        kmeans.seed = AnalysisSettings().seed
        let centres = try KMeans.fit(table, kmeans, threads: threads).centres
        let index = try NeighbourIndex(centres)
        func labels(_ codes: Matrix) throws -> [Int] {
            try index.neighbours(of: codes, 1, threads: threads).indices.map(Int.init)
        }
        let components = spread.components()
        let clusters = try spread.clusters(
            (real: try labels(own), twins: try twins.map(labels)), centres: centres)
        let isHeterogeneous = components.contains(where: \.isReal)
        let trained = try TrainingMetrics(path: run.data.folder.metrics).encoderImages(
            run.data.record.configuration.stages)
        return NullFindings(
            run: run.data.folder.path, images: own.rows, areHeldOut: areHeldOut, replicas: twins.count,
            scale: 1,
            components: components, clusters: clusters.clusters, outside: clusters.outside,
            isHeterogeneous: isHeterogeneous, trainedImages: trained,
            isTooShort: !isHeterogeneous && trained.map { $0 < NullSettings.leastTraining } ?? false)
    }

    private func write(_ findings: NullFindings, rows: [Int], _ own: Matrix, _ twins: [Matrix]) throws {
        try OutputFolder.create(folder)
        try NPYArray(shape: [rows.count], integers: rows).write(to: "\(folder)/rows.npy")
        try own.array().write(to: "\(folder)/codes.npy")
        try NPYArray(shape: [twins.count, own.rows, own.columns], floats: twins.flatMap(\.values))
            .write(to: "\(folder)/twin_codes.npy")
        try findings.write(to: "\(folder)/null.json")
    }

    /// Means, without a pose block.
    private func matrix(_ codes: Codes) throws -> Matrix {
        let size = run.latentSize
        let values = (0..<codes.count).flatMap { codes.mean[($0 * codes.width)..<($0 * codes.width + size)] }
        return try Matrix(rows: codes.count, columns: size, values: Array(values))
    }
}
