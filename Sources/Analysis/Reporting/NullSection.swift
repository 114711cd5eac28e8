import Foundation
import Report

extension NullFindings {
    /// The verdict, spreads against the twins', and the clusters.
    public var section: ReportSection {
        let numbers = components.map { Double($0.component) }
        let plot = ReportPlot(
            "Spread of the codes",
            caption: "Spread along each principal component, of \(images) images "
                + (areHeldOut ? "that training has not seen" : "of the run")
                + " and of the same particles in \(replicas) homogeneous twins.",
            x: .init("component"), y: .init("spread"),
            traces: [
                .init("images", .points, x: numbers, y: components.map(\.spread), category: 0),
                .init("twins", .points, x: numbers, y: components.map(\.twinSpread), category: 7),
            ])
        let spread = ReportTable(
            columns: [
                .init("Component"), .init("Spread"), .init("Twins"), .init("Ratio"), .init("Score"),
                .init("", isNumber: false),
            ],
            rows: components.map {
                [
                    "\($0.component)", String(format: "%.4f", $0.spread),
                    String(format: "%.4f", $0.twinSpread),
                    String(format: "%.2f", $0.ratio), String(format: "%.1f", $0.score),
                    $0.isReal ? "real" : "",
                ]
            })
        let groups = ReportTable(
            columns: [
                .init("Cluster"), .init("Share"), .init("Twins' share"), .init("Distance"), .init("Outside"),
            ],
            rows: clusters.map {
                [
                    "\($0.cluster)", Self.percent($0.share), Self.percent($0.twinShare),
                    String(format: "%.1f", $0.distance), Self.percent($0.outside),
                ]
            })
        return ReportSection(
            id: "null", title: "Against a homogeneous twin", label: "Twin",
            parts: [
                .text(verdict.prefix(1).uppercased() + verdict.dropFirst() + "."), .plot(plot),
                .table(spread),
                .text(
                    "Distance: of the cluster's centre from the twins' codes, in their standard deviations. "
                        + "Outside: its images that lie farther from the twins' middle than 95 % of the "
                        + "twins' codes; 5 % by chance."),
                .table(groups),
            ])
    }

    private static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

    /// What an earlier `dsd null` left in a folder; nil where there is nothing that can be read.
    static func read(_ folder: String) -> NullFindings? {
        FileManager.default.contents(atPath: "\(folder)/null.json")
            .flatMap { try? JSONDecoder().decode(NullFindings.self, from: $0) }
    }
}
