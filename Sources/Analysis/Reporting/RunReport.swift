import CryoEM
import CryoIO
import Foundation
import Latent
import OpusDSD
import Report
import Torch

/// The report of an analysed run: its content from the run, the analysis and the truth where that is known.
public struct RunReport: Sendable {
    public let run: Run
    public let outcome: LatentAnalysis.Outcome
    public var title: String
    public var subtitle: String?
    public var truth: KnownTruth?
    /// Facts that come first.
    public var facts: [ReportContent.Fact] = []
    /// Sections of further steps, such as motions or a null model.
    public var sections: [ReportSection] = []
    /// Program, version and command line.
    public var provenance: ReportContent.Provenance

    public init(
        _ run: Run, _ outcome: LatentAnalysis.Outcome, title: String, truth: KnownTruth? = nil,
        provenance: ReportContent.Provenance
    ) {
        (self.run, self.outcome, self.title, self.truth) = (run, outcome, title, truth)
        self.provenance = provenance
    }

    /// Finds the plotting script; call it before long work, so that its absence is told early.
    public static func script() throws -> HTMLReport {
        try HTMLReport(plotlyFile: try RuntimeFolder.file("plotly.min.js").get())
    }

    /// Writes the report; links in it are relative to its folder.
    public func write(to path: String, script: HTMLReport) throws {
        try script.write(try content(folder: (path as NSString).deletingLastPathComponent), to: path)
    }

    /// - Parameter folder: that the report will be in.
    func content(folder: String) throws -> ReportContent {
        let link = { (path: String) in Self.relative(path, from: folder) }
        var provenance = provenance
        provenance.configuration =
            provenance.configuration
            ?? FileManager.default.contents(atPath: run.data.folder.configuration)
            .map { String(decoding: $0, as: UTF8.self) }
        provenance.device =
            provenance.device
            ?? "\(run.data.device), \(run.data.record.configuration.numerics.workers) workers"
        var content = ReportContent(title: title, subtitle: subtitle, provenance: provenance)
        content.facts = facts + RunFacts(run: run, outcome: outcome).facts
        content.scores = truth?.measures ?? []
        content.training = try TrainingMetrics(path: run.data.folder.metrics).terms
        content.latent = latent
        content.states = try StateCards(
            folder: AnalysisFolder(run.data.folder), outcome: outcome, truth: truth,
            volumes: StateVolumes(mask: run.data.mask), link: link
        ).cards()
        content.confusion = truth?.confusion
        content.added = added
        content.files = RunFiles(
            run: run.data.folder, clusters: outcome.summary.settings.clusters,
            source: run.data.particles.source
        ).files(link)
        return content
    }

    /// What the analysis found beside clusters, what `dsd null` and `dsd motion` left, and what else was
    /// given.
    private var added: [ReportSection] {
        let own = AnalysisFolder(run.data.folder)
        let found = [NullFindings.read(own.null)?.section, MotionFindings.read(own.motion)?.section]
        return LandscapeSections(outcome: outcome).sections + found.compactMap { $0 } + sections
    }

    private var latent: LatentView {
        let points = outcome.embedding.map { layout in
            (0..<layout.rows).map { SIMD2(layout[$0, 0], layout[$0, 1]) }
        }
        let coordinates = outcome.components.coordinates
        let pca = LatentView.PrincipalComponents(
            components: (0..<min(3, coordinates.columns)).map(coordinates.column),
            explainedVariance: Array(outcome.components.pca.explainedVarianceRatio.prefix(3)))
        return LatentView(
            umap: points, pca: pca,
            colourings: Colourings(
                particles: run.data.particles, clusters: outcome.clusters, truth: truth,
                mixture: outcome.mixture, landscape: outcome.landscape, uncertainty: outcome.uncertainty
            ).all)
    }

    /// A path as seen from a folder.
    static func relative(_ path: String, from folder: String) -> String {
        let target = URL(fileURLWithPath: path).standardizedFileURL.pathComponents
        let start = URL(fileURLWithPath: folder.isEmpty ? "." : folder).standardizedFileURL.pathComponents
        let shared = zip(target, start).prefix { $0 == $1 }.count
        let parts = Array(repeating: "..", count: start.count - shared) + target[shared...]
        return parts.joined(separator: "/")
    }
}
