import Analysis
import Foundation

/// The comparison with homogeneous twins in columns, for people.
struct NullText {
    let findings: NullFindings

    init(_ findings: NullFindings) { self.findings = findings }

    var text: String {
        ([head] + components + [""] + clusters + trained + ["", verdict]).joined(separator: "\n")
    }

    private var head: String {
        "\(findings.images) images \(findings.areHeldOut ? "kept out of training" : "of the run"), "
            + "\(findings.replicas) twins"
    }

    private var components: [String] {
        [Self.row(["component", "spread", "twins", "ratio", "score", ""])]
            + findings.components.map { c in
                Self.row([
                    "\(c.component)", String(format: "%.4f", c.spread), String(format: "%.4f", c.twinSpread),
                    String(format: "%.2f", c.ratio), String(format: "%.1f", c.score), c.isReal ? "real" : "",
                ])
            }
            + [
                "ratio: spread over the twins'; score: difference of their logarithms in standard "
                    + "deviations of the twins; real: ratio \(findings.leastRatio) and score "
                    + "\(findings.leastScore) or more"
            ]
    }

    private var clusters: [String] {
        [Self.row(["cluster", "share", "twins", "distance", "outside"])]
            + findings.clusters.map { c in
                Self.row([
                    "\(c.cluster)", Self.percent(c.share), Self.percent(c.twinShare),
                    String(format: "%.1f", c.distance), Self.percent(c.outside),
                ])
            }
            + [
                "distance: of the centre from the twins' codes, in their standard deviations; outside: "
                    + "images farther away than 95 % of the twins' (5 % by chance); all images: "
                    + Self.percent(findings.outside)
            ]
    }

    private var trained: [String] {
        guard let twin = findings.trained else { return [] }
        return ["", "change of the map by one standard deviation, share of the consensus: run, trained twin"]
            + zip(twin.strength, twin.twinStrength).enumerated().map { k, pair in
                Self.row(["\(k + 1)", Self.percent(pair.0), Self.percent(pair.1)])
            }
    }

    private var verdict: String { findings.verdict }

    private static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

    private static func row(_ cells: [String]) -> String {
        cells.map { String(repeating: " ", count: max(0, 11 - $0.count)) + $0 }.joined()
    }
}
