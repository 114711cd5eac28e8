import Foundation
import Report

extension MotionFindings {
    /// The translation-rotation plot and its table.
    public var section: ReportSection {
        let labels = states.map(\.name)
        let plot = ReportPlot(
            "Translation and rotation",
            caption:
                "Of the domain's centre, and of the domain, against the reference domain. States close to "
                + "the origin are like the one that motions start from and may be refined together.",
            x: .init("translation (Å)"), y: .init("rotation (°)"),
            traces: states.enumerated().map { index, state in
                ReportPlot.Trace(
                    state.name, .points, x: [state.translation], y: [state.rotation], category: index,
                    labels: [labels[index]])
            })
        let columns: [ReportTable.Column] = [
            .init("State", isNumber: false), .init("Rotation"), .init("Translation"),
            .init("Slide along the axis"),
            .init("Axis"), .init("CC domain"), .init("CC reference"),
        ]
        let rows = states.map { state in
            [
                state.name, String(format: "%.2f°", state.rotation),
                String(format: "%.2f Å", state.translation),
                String(format: "%.2f Å", state.slide),
                state.axisPoint == nil
                    ? "none" : state.axis.map { String(format: "%.2f", $0) }.joined(separator: ", "),
                String(format: "%.3f", state.domainCorrelation),
                String(format: "%.3f", state.referenceCorrelation),
            ]
        }
        let lost = states.filter {
            min($0.domainCorrelation, $0.referenceCorrelation) < MotionStudy.leastCorrelation
        }
        let warning: [ReportSection.Part] =
            lost.isEmpty
            ? []
            : [
                .warning(
                    "A domain was not found in \(lost.map(\.name).joined(separator: ", ")): its correlation "
                        + "is below \(MotionStudy.leastCorrelation). Do not use these numbers.")
            ]
        let maps = [
            ReportSection.Part.text(
                (mapsMeaning.map { "Maps: \($0). " } ?? "") + "Motions are measured from \(start).")
        ]
        return ReportSection(
            id: "motion", title: "Motion of a domain", label: "Motion",
            parts: maps + [.plot(plot)] + warning + [.table(ReportTable(columns: columns, rows: rows))])
    }

    /// What an earlier `dsd motion` left in a folder; nil where there is nothing that can be read.
    static func read(_ folder: String) -> MotionFindings? {
        FileManager.default.contents(atPath: "\(folder)/motion.json")
            .flatMap { try? JSONDecoder().decode(MotionFindings.self, from: $0) }
    }
}
