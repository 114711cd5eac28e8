import Analysis
import Foundation

/// The clusters of an analysis in columns, for people.
struct AnalysisTable {
    let summary: AnalysisSummary

    init(_ summary: AnalysisSummary) { self.summary = summary }

    var text: String {
        let header = ["cluster", "particles", "share", "resolution", "centre row"]
        let rows = summary.clusters.map { cluster in
            [
                "\(cluster.cluster)", "\(cluster.particles)", String(format: "%.1f %%", 100 * cluster.share),
                cluster.resolution.map { String(format: "%.1f A", $0) } ?? "none", "\(cluster.centreRow)",
            ]
        }
        let lines = ([header] + rows).map { row in
            row.map { String(repeating: " ", count: max(0, 12 - $0.count)) + $0 }.joined()
        }
        let views = String(format: "clusters and view classes share %.1f %%", 100 * summary.viewInformation)
        return (lines + [views + " of their information (0 where clusters are not views)"])
            .joined(separator: "\n")
    }
}
