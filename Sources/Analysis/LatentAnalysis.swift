import CryoEM
import CryoIO
import Foundation
import Latent
import OpusDSD
import Torch

/// Analysis of a trained run: components, clusters, layout, decoded maps and reconstructions, in `analysis/`.
///
/// Equal runs and settings give equal files, whatever the number of threads.
public struct LatentAnalysis: Sendable {
    public let run: Run
    public let codes: Matrix
    public let settings: AnalysisSettings
    /// Threads of k-means and UMAP; nil takes all cores.
    public let threads: Int?
    public var folder: AnalysisFolder { AnalysisFolder(run.data.folder) }

    /// What was found; maps are on disk.
    public struct Outcome: Sendable {
        public let codes: Matrix
        public let components: PrincipalComponents
        public let clusters: ClusterTables
        /// UMAP layout, [n, 2].
        public let embedding: Matrix?
        public let reconstructions: [ClusterReconstruction]
        public let summary: AnalysisSummary
    }

    /// Opens the run of a folder, after its codes have been found to fit the settings.
    public init(
        _ folder: RunFolder, settings: AnalysisSettings, device: Device = .cpu, threads: Int? = nil,
        report: (String) -> Void = { _ in }, progress: RunData.Progress = { _, _, _ in }
    ) throws {
        let codes = try LatentCodes(folder)
        try settings.validate(particles: codes.table.rows, latentSize: codes.table.columns, file: codes.file)
        try self.init(
            try Run(folder, device: device, report: report, progress: progress), codes: codes,
            settings: settings,
            threads: threads)
    }

    /// The analysis of a run that is open already.
    public init(_ run: Run, settings: AnalysisSettings, threads: Int? = nil) throws {
        let codes = try LatentCodes(run.data.folder)
        try settings.validate(particles: codes.table.rows, latentSize: codes.table.columns, file: codes.file)
        try self.init(run, codes: codes, settings: settings, threads: threads)
    }

    private init(_ run: Run, codes: LatentCodes, settings: AnalysisSettings, threads: Int?) throws {
        try codes.check(particles: run.data.particles.count)
        (self.run, self.codes, self.settings, self.threads) = (run, codes.table, settings, threads)
    }

    /// Does all steps and writes their files.
    public func perform(
        report: (String) -> Void = { _ in }, progress: RunData.Progress = { _, _, _ in }
    ) throws -> Outcome {
        try AnalysisFolder.create(folder.path)
        let components = try PrincipalComponents(codes, threads: threads)
        try components.write(
            to: folder.components, run: run, codes: codes, settings: settings, progress: progress)
        let clusters = try ClusterTables(
            codes, particles: run.data.particles, settings: settings, threads: threads)
        try clusters.write(
            to: folder.clusters(settings.clusters), codes: codes, particles: run.data.particles)
        let embedding = try embedded(report: report, progress: progress)
        let reconstructions = try volumes(clusters, report: report, progress: progress)
        let summary = summary(components, clusters, embedding, reconstructions)
        try summary.write(to: folder.summary)
        return Outcome(
            codes: codes, components: components, clusters: clusters, embedding: embedding,
            reconstructions: reconstructions, summary: summary)
    }

    private func embedded(report: (String) -> Void, progress: RunData.Progress) throws -> Matrix? {
        if settings.embeds {
            if let made = try Embedding(
                codes, settings: settings, threads: threads, report: report, progress: progress)
            {
                try made.layout.array().write(to: folder.embedding)
                return made.layout
            }
            report("UMAP wants at least 4 particles and is left out")
        }
        // A layout of other codes must not be taken for theirs.
        try? FileManager.default.removeItem(atPath: folder.embedding)
        return nil
    }

    private func volumes(
        _ clusters: ClusterTables, report: (String) -> Void, progress: RunData.Progress
    ) throws -> [ClusterReconstruction] {
        let staged = try StagedFolder(folder.volumes)
        let data = run.data
        let k = settings.clusters
        let centres = clusters.clustering.snappedCentres(in: codes)
        try run.maps(codes: centres.values, count: k) { cluster, map in
            try map.write(to: staged.file(AnalysisFolder.name("decoded", cluster, "mrc")))
            progress("maps of cluster centres", cluster + 1, k)
        }
        let reconstructor = ClusterReconstructor(
            particles: data.particles,
            prepared: try data.prepared(box: data.particles.box, progress: progress),
            halves: data.particles.halfSets(), mask: data.mask, origin: data.consensus.origin)
        var done = 0
        let made = try (0..<k).map { cluster in
            let rows = clusters.rows(of: cluster)
            defer { done += rows.count }
            let result = try reconstructor.reconstruct(cluster, rows: rows, folder: staged) { part, _ in
                progress("reconstructing clusters", done + part, data.particles.count)
            }
            if let note = result.note { report("cluster \(cluster): \(note)") }
            return result
        }
        progress("reconstructing clusters", data.particles.count, data.particles.count)
        try staged.commit()
        return made
    }

    private func summary(
        _ components: PrincipalComponents, _ clusters: ClusterTables, _ embedding: Matrix?,
        _ reconstructions: [ClusterReconstruction]
    ) -> AnalysisSummary {
        func relative(_ path: String) -> String { String(path.dropFirst(folder.run.count + 1)) }
        let counts = clusters.clustering.counts
        let entries = reconstructions.map { made -> AnalysisSummary.Cluster in
            let k = made.cluster
            let maps = made.curves != nil
            let stem = String(relative(folder.reconstruction(k)).dropLast(4))
            let curve = relative("\(folder.volumes)/\(AnalysisFolder.name("fsc", k, "csv"))")
            return AnalysisSummary.Cluster(
                cluster: k, particles: counts[k], share: Double(counts[k]) / Double(codes.rows),
                centreRow: clusters.clustering.nearestRows[k] + 1, halves: [made.counts.0, made.counts.1],
                resolution: made.resolution, resolutionAtHalf: made.resolution(at: 0.5),
                viewClasses: clusters.viewClasses[k],
                star: relative(folder.particles(k, of: counts.count, run.data.particles.source)),
                decoded: relative(folder.decoded(k)), reconstruction: maps ? "\(stem).mrc" : nil,
                halfMaps: maps ? ["\(stem)_half1.mrc", "\(stem)_half2.mrc"] : nil, curve: maps ? curve : nil,
                note: made.note)
        }
        return AnalysisSummary(
            particles: codes.rows, latentSize: codes.columns, settings: settings,
            explainedVariance: components.pca.explainedVarianceRatio, inertia: clusters.clustering.inertia,
            viewInformation: clusters.viewInformation,
            embedding: embedding == nil ? nil : relative(folder.embedding), clusters: entries)
    }
}
