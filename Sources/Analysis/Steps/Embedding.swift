import CryoIO
import Foundation
import Latent

/// The UMAP layout of the codes, [n, 2].
struct Embedding {
    /// From this many particles on, the time it takes is told.
    static let long = 100_000
    private static let passesUntilEstimate = 5

    let layout: Matrix

    /// - Returns: nil where there are too few particles for neighbourhoods.
    init?(
        _ codes: Matrix, neighbours: Neighbours?, settings: AnalysisSettings, threads: Int?,
        report: (String) -> Void,
        progress: (_ title: String, _ done: Int, _ all: Int) -> Void
    ) throws {
        guard codes.rows > 3 else { return nil }
        var umap = UMAPSettings()
        umap.neighbours = min(umap.neighbours, codes.rows - 1)
        umap.epochs = settings.embeddingPasses
        umap.seed = settings.seed
        let isLong = codes.rows > Self.long
        if isLong {
            report(
                "UMAP of \(codes.rows) particles; --skip-umap leaves it out")
        }
        var first: Date?
        layout = try UMAP.embed(codes, umap, neighbours: neighbours, threads: threads) { done, all in
            let start = first ?? Date()
            first = start
            if isLong, done == Self.passesUntilEstimate + 1 {
                let each = Date().timeIntervalSince(start) / Double(Self.passesUntilEstimate)
                report("UMAP takes about \(Self.duration(each * Double(all - done))) more")
            }
            progress("UMAP", done * codes.rows / all, codes.rows)
        }
    }

    static func duration(_ seconds: Double) -> String {
        seconds < 90 ? "\(Int(seconds.rounded(.up))) seconds" : "\(Int((seconds / 60).rounded(.up))) minutes"
    }
}
