import Analysis
import ArgumentParser
import CryoIO
import Foundation
import OpusDSD
import Report
import Torch

struct AnalyzeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Components, clusters, layout and maps of a run's latent codes, and its report.",
        discussion: """
            The run's analysis/ gets pca/, kmeansK/ with labels, centres and a STAR file of every cluster, \
            umap.npy, mixture/ with the Gaussian mixture of lowest BIC, landscape/ with density, \
            uncertainty and outliers of the particles and free energies, path/ with maps between two \
            clusters, volumes/ with the decoded map at every cluster centre, its difference from the \
            consensus and the reconstruction of every cluster with half maps and shell correlation, and \
            analysis.json. The report is RUN/report.html; it opens without a network. Clusters are \
            numbered from 0.

            Example: dsd analyze run --clusters 8
            """)

    @Argument(help: ArgumentHelp("Folder of the run.", valueName: "run")) var runFolder: String
    @Option(help: "Clusters of k-means.") var clusters = 8
    @Flag(help: "Leave out the UMAP layout.") var skipUmap = false
    @Option(help: "Decode maps along this many principal components.") var pc = 0
    @Option(help: "Most components of the Gaussian mixtures tried; 0 leaves them out.")
    var mixtures = AnalysisSettings().mixtureComponents
    @Option(help: "Principal components to estimate free energies along (default: 1,2).") var energy: String?
    @Option(help: "Two clusters that a path of maps joins (default: the farthest apart).") var path: String?
    @Option(help: "Maps along the path; 0 leaves it out.") var pathMaps = AnalysisSettings().pathMaps
    @Option(help: "Standard deviations of the local radius beyond which a particle is an outlier.")
    var outlierLimit = AnalysisSettings().outlierLimit
    @Flag(help: "Write the outliers and the other particles as particle files.") var writeOutliers = false
    @Option(help: "Truth of simulated particles (truth.npz): the report then has scores.") var truth: String?
    @OptionGroup var device: DeviceOption
    @Flag(help: "Print JSON.") var json = false

    private struct Facts: Encodable {
        let analysis: AnalysisSummary
        let score: RunScore?
        let report: String
    }

    private static func note(_ text: String) { ErrorPrinting.standardError(text + "\n") }

    private func settings() throws(DataError) -> AnalysisSettings {
        var settings = AnalysisSettings()
        (settings.clusters, settings.embeds, settings.components) = (clusters, !skipUmap, pc)
        (settings.mixtureComponents, settings.pathMaps) = (mixtures, pathMaps)
        (settings.outlierLimit, settings.writesOutliers) = (outlierLimit, writeOutliers)
        if let energy { settings.energyComponents = try Self.numbers(energy, of: "--energy") }
        if let path { settings.pathEnds = try Self.numbers(path, of: "--path") }
        return settings
    }

    private static func numbers(_ text: String, of option: String) throws(DataError) -> [Int] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
        guard numbers.count == parts.count else {
            throw DataError(
                file: nil, "\(option) cannot be used", found: text,
                wanted: "whole numbers with commas, such as 1,2")
        }
        return numbers
    }

    func run() throws {
        try ErrorPrinting.reporting("analyze") {
            let folder = RunFolder(runFolder)
            let threads = try device.threading.count()
            let script = try RunReport.script()
            let known = try truth.map { try GroundTruth(path: $0) }
            let settings = try settings()
            let display = ProgressByTitle()
            defer { display.finish() }
            let analysis = try LatentAnalysis(
                folder, settings: settings, device: try device.resolved(), threads: threads,
                report: Self.note, progress: display.update)
            try known?.check(particles: analysis.run.data.particles.count)
            try Runtime.setThreads(threads)
            let outcome = try analysis.perform(report: Self.note, progress: display.update)
            let score = try known.map {
                try RunScore(folder, truth: $0, clusters: clusters, threads: threads)
            }
            var report = RunReport(
                analysis.run, outcome, title: "Run \(URL(fileURLWithPath: runFolder).lastPathComponent)",
                provenance: .program())
            if let known, let score { report.truth = try KnownTruth(known, score: score) }
            try report.write(to: folder.report, script: script)
            display.finish()
            if json {
                return try JSONOutput.write(
                    Facts(analysis: outcome.summary, score: score, report: folder.report))
            }
            print(AnalysisTable(outcome.summary).text)
            if let score { print(ScoreText(score).text) }
            print("report: \(folder.report)")
        }
    }
}

extension GroundTruth {
    /// Throws early what the score would find at the end.
    fileprivate func check(particles: Int) throws(DataError) {
        guard states.count == particles else {
            throw DataError(
                file: file, "the truth is not that of the run's particles",
                found: "\(states.count) particles",
                wanted: "\(particles)", remedy: "Give the truth of the particle file that was trained on")
        }
    }
}
