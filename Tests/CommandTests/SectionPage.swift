import Foundation
import Report
import TestSupport

/// A report of nothing but given sections.
enum SectionPage {
    static func html(_ sections: [ReportSection]) throws -> String {
        var content = ReportContent(
            title: "sections", provenance: .init(program: "dsd", version: "test"))
        content.added = sections
        return try HTMLReport(plotlySource: "var Plotly = {};").render(content)
    }
}
