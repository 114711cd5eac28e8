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
        public let mixture: MixtureTables?
        public let landscape: Landscape?
        public let uncertainty: CodeUncertainty?
        /// UMAP layout, [n, 2].
        public let embedding: Matrix?
        public let reconstructions: [ClusterReconstruction]
        public let evidence: [MapEvidence]
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
        try OutputFolder.create(folder.path)
        let components = try PrincipalComponents(codes, threads: threads)
        try components.write(
            to: folder.components, run: run, codes: codes, settings: settings, progress: progress)
        let clusters = try ClusterTables(
            codes, particles: run.data.particles, settings: settings, threads: threads)
        try clusters.write(
            to: folder.clusters(settings.clusters), codes: codes, particles: run.data.particles)
        let mixture = try MixtureTables(codes, settings: settings, threads: threads)
        try replace(folder.mixture, by: mixture) { try $0.write(to: $1) }
        let uncertainty = try CodeUncertainty(run.data.folder, codes: codes)
        let landscape = try Landscape(
            codes, coordinates: components.coordinates, settings: settings, threads: threads)
        try replace(folder.landscape, by: landscape) { try $0.write(to: $1, uncertainty: uncertainty) }
        try writeOutliers(landscape)
        let embedding = try embedded(landscape, report: report, progress: progress)
        let path = try writePath(clusters, landscape, progress: progress)
        let (reconstructions, evidence) = try volumes(clusters, report: report, progress: progress)
        let findings = Findings(
            components: components, clusters: clusters, mixture: mixture, landscape: landscape,
            uncertainty: uncertainty, embedding: embedding, path: path, reconstructions: reconstructions,
            evidence: evidence)
        let summary = summary(findings)
        try summary.write(to: folder.summary)
        return Outcome(
            codes: codes, components: components, clusters: clusters, mixture: mixture, landscape: landscape,
            uncertainty: uncertainty, embedding: embedding, reconstructions: reconstructions,
            evidence: evidence,
            summary: summary)
    }

    /// Writes what was found; where nothing was, what an earlier analysis left goes.
    private func replace<Found>(
        _ path: String, by found: Found?, _ write: (Found, String) throws -> Void
    ) throws {
        if let found { return try write(found, path) }
        try? FileManager.default.removeItem(atPath: path)
    }

    private func writeOutliers(_ landscape: Landscape?) throws {
        let particles = run.data.particles
        let paths = (folder.outliers(particles.source), folder.inliers(particles.source))
        for path in [paths.0, paths.1] { try? FileManager.default.removeItem(atPath: path) }
        guard settings.writesOutliers, let found = landscape?.outliers.rows else { return }
        let out = Set(found)
        try particles.selecting(found).write(to: paths.0)
        try particles.selecting((0..<codes.rows).filter { !out.contains($0) }).write(to: paths.1)
    }

    private func writePath(
        _ clusters: ClusterTables, _ landscape: Landscape?, progress: RunData.Progress
    ) throws -> StatePath? {
        try? FileManager.default.removeItem(atPath: folder.statePath)
        guard settings.pathMaps > 0, settings.clusters > 1, let landscape else { return nil }
        let ends = settings.pathEnds.count == 2 ? (settings.pathEnds[0], settings.pathEnds[1]) : nil
        let path = StatePath(clusters.clustering, landscape: landscape, asked: ends)
        try path.write(
            to: folder.statePath, run: run, codes: codes, points: settings.pathMaps, progress: progress)
        return path
    }

    private func embedded(
        _ landscape: Landscape?, report: (String) -> Void, progress: RunData.Progress
    ) throws -> Matrix? {
        if settings.embeds {
            if let made = try Embedding(
                codes, neighbours: landscape?.neighbours, settings: settings, threads: threads,
                report: report, progress: progress)
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
    ) throws -> ([ClusterReconstruction], [MapEvidence]) {
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
            halves: data.particles.halfSets(), mask: data.mask, origin: data.consensus.origin,
            workers: WorkerPool(count: try threads ?? Runtime.threads()))
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
        let comparer = try MapComparer(run)
        let evidence = try made.map {
            try comparer.compare($0.cluster, hasReconstruction: $0.curves != nil, folder: staged)
        }
        try staged.commit()
        return (made, evidence)
    }
}
