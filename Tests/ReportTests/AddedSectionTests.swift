import CryoIO
import Foundation
import Testing

@testable import Report

@Suite struct AddedSectionTests {
    private func page(_ sections: [ReportSection]) throws -> String {
        var content = ReportContent(title: "Run", provenance: .init(program: "dsd", version: "1.0"))
        content.added = sections
        return try HTMLReport(plotlySource: "var Plotly = {};").render(content)
    }

    private let plot = ReportPlot(
        "Turns", caption: "of the arm", x: .init("rotation (°)"), y: .init("translation (Å)"),
        field: .init(x: [0, 1], y: [0], values: [[1, .nan]], title: "kT"),
        traces: [.init("states", .points, x: [1, 2], y: [3, .infinity], category: 1, labels: ["a", "<b>"])])

    @Test func partsStandInOrderWithTheirData() throws {
        let table = ReportTable(
            columns: [.init("State", isNumber: false), .init("Angle")], rows: [["A & B", "12.5"]])
        let image = GrayscaleImage(values: [0, 1, 2, 3], width: 2, height: 2, caption: "difference")
        let text = try page([
            ReportSection(
                id: "motion", title: "Motion",
                parts: [
                    .text("first"), .plot(plot), .table(table), .warning("mind this"),
                    .pictures("Maps", [image]),
                ]),
            ReportSection(id: "null", title: "Null", parts: [.plot(plot)]),
            ReportSection(id: "empty", title: "Empty", parts: []),
        ])
        let marks = [
            "<section id=\"motion\"", "<p>first</p>", "id=\"added-0\"", "of the arm", "A &amp; B",
            "mind this", "alt=\"Maps, difference\"", "<section id=\"null\"", "id=\"added-1\"",
            "<section id=\"provenance\"",
        ]
        var place = text.startIndex
        for mark in marks {
            let found = try #require(text.range(of: mark, range: place..<text.endIndex), "\(mark)")
            place = found.upperBound
        }
        #expect(!text.contains("<section id=\"empty\""))
        let start = try #require(text.range(of: "id=\"report-data\">"))
        let end = try #require(text.range(of: "</script>", range: start.upperBound..<text.endIndex))
        let json = try JSONSerialization.jsonObject(
            with: Data(text[start.upperBound..<end.lowerBound].utf8))
        let plots = try #require((json as? [String: Any])?["added"] as? [[String: Any]])
        #expect(plots.compactMap { $0["id"] as? String } == ["added-0", "added-1"])
        #expect(!text.contains("<b>"))
    }

    @Test func columnsThatDoNotBelongTogetherAreRefused() {
        var short = plot
        short.traces[0].y = [1]
        var field = plot
        field.field?.values = []
        let table = ReportTable(columns: [.init("State")], rows: [["A", "B"]])
        for part in [ReportSection.Part.plot(short), .plot(field), .table(table)] {
            #expect(throws: DataError.self) {
                try page([ReportSection(id: "motion", title: "Motion", parts: [part])])
            }
        }
    }
}
