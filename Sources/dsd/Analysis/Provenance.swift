import Foundation
import Report

extension ReportContent.Provenance {
    /// This program, now.
    static func program() -> ReportContent.Provenance {
        ReportContent.Provenance(
            program: "dsd", version: DSD.version, commandLine: CommandLine.arguments.joined(separator: " "),
            date: Date().formatted(.iso8601))
    }
}
