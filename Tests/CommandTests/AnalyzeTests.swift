import Analysis
import ArgumentParser
import CryoEM
import CryoIO
import Foundation
import OpusDSD
import TestSupport
import Testing

@testable import dsd

@Suite(.serialized) struct AnalyzeTests {
    private func analysed(clusters: Int = 4, threads: Int? = nil) throws -> LatentAnalysis.Outcome {
        var settings = AnalyzeFixture.settings.analysis
        settings.clusters = clusters
        return try LatentAnalysis(AnalyzeFixture.shared.get().folder, settings: settings, threads: threads)
            .perform()
    }

    @Test func theCommandWritesEveryFileAndAReportWithItsSections() throws {
        let run = try AnalyzeFixture.shared.get()
        let command = try AnalyzeCommand.parse(
            [
                run.folder.path, "--clusters", "4", "--pc", "1", "--truth", run.truth, "--write-outliers",
                "--outlier-limit", "1", "--json",
            ])
        try command.run()
        let names = [
            "pca/coordinates.npy", "pca/components.npy", "pca/explained.npy", "pca/mean.npy",
            "pca/pc1/codes.npy",
            "pca/pc1/map_009.mrc", "kmeans4/labels.npy", "kmeans4/centers.npy", "kmeans4/centers_index.npy",
            "kmeans4/means.npy", "kmeans4/view_classes.npy", "kmeans4/cluster_003.star", "umap.npy",
            "volumes/decoded_003.mrc", "volumes/reconstruction_003.mrc",
            "volumes/reconstruction_003_half2.mrc",
            "volumes/fsc_003.csv", "analysis.json", "volumes/difference_003.mrc", "volumes/mutual_003.csv",
            "kmeans4/bias.csv", "kmeans4/defocus_classes.npy", "mixture/bic.csv", "mixture/covariances.npy",
            "landscape/density.npy", "landscape/uncertainty.npy", "landscape/outliers.npy",
            "landscape/free_energy_pc1.csv", "landscape/free_energy_pc2.csv", "landscape/plane.csv",
            "outliers.star", "inliers.star",
        ]
        for name in names {
            #expect(FileManager.default.fileExists(atPath: "\(run.analysis.path)/\(name)"), "\(name)")
        }
        let hidden = try FileManager.default.contentsOfDirectory(atPath: run.analysis.path).filter {
            $0.hasPrefix(".")
        }
        #expect(hidden.isEmpty && run.analysis.clusterCount == 4)
        // Few particles: whether a chain of neighbours joins the clusters is for the data to say.
        let facts = try #require(FileManager.default.contents(atPath: run.analysis.summary))
        let path = try #require(try JSONDecoder().decode(AnalysisSummary.self, from: facts).path)
        for name in ["rows.npy", "codes.npy", "map_009.mrc"] {
            let exists = FileManager.default.fileExists(atPath: "\(run.analysis.statePath)/\(name)")
            #expect(exists == (path.particles != nil), "\(name)")
        }
        let page = try String(contentsOfFile: run.folder.report, encoding: .utf8)
        for id in [
            "scores", "states", "latent", "landscape", "evidence", "confusion", "resolution", "training",
            "files", "provenance",
        ] {
            #expect(page.contains("<section id=\"\(id)\""), "\(id)")
        }
        for text in [
            "True state", "Defocus", "View class", "Tilt", "latentSize: 8",
            "href=\"./analysis/analysis.json\"",
        ] {
            #expect(page.contains(text), "\(text)")
        }
    }

    @Test func theClustersStarFilesAddUpToAllParticles() throws {
        let run = try AnalyzeFixture.shared.get()
        let outcome = try analysed()
        let all = try ParticleSet(path: run.particles)
        var seen: [ImageReference] = []
        for cluster in outcome.summary.clusters {
            let path = "\(run.folder.path)/\(cluster.star)"
            let part = try ParticleSet(path: path)
            #expect(part.count == cluster.particles)
            #expect(part.stacks.map(\.path) == all.stacks.map(\.path))
            let rows = outcome.clusters.rows(of: cluster.cluster)
            #expect(part.images == rows.map { all.images[$0] })
            seen += part.images
            #expect(cluster.viewClasses.reduce(0, +) == cluster.particles)
            #expect(cluster.halves.reduce(0, +) == cluster.particles)
        }
        #expect(Set(seen).count == all.count && seen.count == all.count)
    }

    @Test func mapsOverlayTheConsensus() throws {
        let run = try AnalyzeFixture.shared.get()
        _ = try analysed()
        let consensus = try DensityMap.read(run.folder.consensus)
        for path in [run.analysis.decoded(1), run.analysis.reconstruction(1)] {
            let map = try DensityMap.read(path)
            #expect(map.size == consensus.size)
            #expect(abs(map.pixelSize - consensus.pixelSize) < 1e-5)
            #expect(map.origin == consensus.origin)
        }
    }

    @Test func theNumberOfThreadsChangesNoFile() throws {
        let run = try AnalyzeFixture.shared.get()
        let names = [
            "pca/coordinates.npy", "kmeans4/labels.npy", "kmeans4/centers.npy", "umap.npy", "analysis.json",
            "volumes/decoded_000.mrc", "volumes/reconstruction_000.mrc", "volumes/fsc_000.csv",
        ]
        func files() throws -> [Data] {
            try names.map { try Data(contentsOf: URL(fileURLWithPath: "\(run.analysis.path)/\($0)")) }
        }
        _ = try analysed(threads: 1)
        let first = try files()
        _ = try analysed(threads: 2)
        for (name, pair) in zip(names, zip(first, try files())) {
            // The time of writing is in a map's label.
            let header = name.hasSuffix(".mrc") ? 1024 : 0
            #expect(pair.0.dropFirst(header) == pair.1.dropFirst(header), "\(name)")
        }
    }

    @Test func aClusterTooSmallForHalfMapsIsToldAndNotAnError() throws {
        let outcome = try analysed(clusters: 60)
        let small = outcome.summary.clusters.filter { $0.halves.contains(0) }
        #expect(!small.isEmpty)
        #expect(small.allSatisfy { $0.note?.contains("no half maps") == true && $0.reconstruction == nil })
        #expect(outcome.summary.clusters.allSatisfy { ($0.note == nil) == ($0.reconstruction != nil) })
    }

    @Test func aPoseBlockBehindTheCodesIsLeftOut() throws {
        let run = try AnalyzeFixture.shared.get()
        let plain = try LatentCodes(run.folder).table
        let original = try NPYArray.read(run.folder.mean)
        defer { try? original.write(to: run.folder.mean) }
        let wide: [Float] = (0..<plain.rows).flatMap { row -> [Float] in
            Array(plain.row(row)) + [Float(row), 7]
        }
        try NPYArray(shape: [plain.rows, plain.columns + 2], floats: wide).write(to: run.folder.mean)
        #expect(try LatentCodes(run.folder).table == plain)
    }

    @Test func moreClustersThanParticlesAreRefused() throws {
        let run = try AnalyzeFixture.shared.get()
        let command = try AnalyzeCommand.parse([run.folder.path, "--clusters", "161"])
        #expect(throws: ExitCode.failure) { try command.run() }
        var settings = AnalysisSettings()
        settings.clusters = 161
        let error = #expect(throws: DataError.self) { try LatentAnalysis(run.folder, settings: settings) }
        #expect(error?.found == "161" && error?.wanted == "1 to 160" && error?.remedy == "Change --clusters.")
    }

    @Test func aRunWithoutCodesIsRefusedWithTheWayToGetThem() throws {
        let run = try AnalyzeFixture.shared.get()
        let kept = run.folder.mean + ".kept"
        try FileManager.default.moveItem(atPath: run.folder.mean, toPath: kept)
        defer { try? FileManager.default.moveItem(atPath: kept, toPath: run.folder.mean) }
        let error = #expect(throws: DataError.self) {
            try LatentAnalysis(run.folder, settings: AnalysisSettings())
        }
        #expect(error?.problem == "the run has no latent codes")
        #expect(error?.remedy?.contains("dsd encode") == true)
    }
}
