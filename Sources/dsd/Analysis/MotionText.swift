import Analysis
import Foundation

/// The motion of a domain in columns, for people.
struct MotionText {
    let findings: MotionFindings

    init(_ findings: MotionFindings) { self.findings = findings }

    var text: String { ([header] + rows + maps + notes).joined(separator: "\n") }

    private var maps: [String] { findings.mapsMeaning.map { ["maps: \($0)"] } ?? [] }

    private var width: Int { max(9, findings.states.map(\.name.count).max() ?? 0) + 1 }

    private var header: String {
        line("state", ["rotation", "translation", "slide", "CC domain", "CC reference"])
    }

    private var rows: [String] {
        findings.states.map { state in
            line(
                state.name,
                [
                    String(format: "%.2f deg", state.rotation), String(format: "%.2f A", state.translation),
                    String(format: "%.2f A", state.slide), String(format: "%.3f", state.domainCorrelation),
                    String(format: "%.3f", state.referenceCorrelation),
                ])
        }
    }

    private var notes: [String] {
        let lost = findings.states.filter {
            min($0.domainCorrelation, $0.referenceCorrelation) < MotionStudy.leastCorrelation
        }
        let meaning =
            "rotation and translation of the domain's centre against the reference; slide: translation along "
            + "the screw axis\nfrom \(findings.start)"
        guard !lost.isEmpty else { return [meaning] }
        return [
            meaning,
            "warning: a domain was not found in \(lost.map(\.name).joined(separator: ", ")) (CC below "
                + "\(MotionStudy.leastCorrelation)); do not use these numbers",
        ]
    }

    private func line(_ name: String, _ cells: [String]) -> String {
        let start = name + String(repeating: " ", count: max(0, width - name.count))
        return start + cells.map { String(repeating: " ", count: max(0, 14 - $0.count)) + $0 }.joined()
    }
}
