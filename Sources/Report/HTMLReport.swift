import CryoIO
import Foundation

/// Writes the report of a run as one HTML file that opens without a network: script, style, pictures and
/// points are in it.
///
/// The plots are drawn by Plotly, whose script (`plotly.min.js`) is passed in and embedded once.
public struct HTMLReport: Sendable {
    /// Points of the latent plots beyond this number are left out at random, so that the file stays small
    /// enough to open and send, below 25 MB with the maps of eight states; the report says so.
    public var maximumPoints = 150_000

    private let plotly: String

    /// - Parameter plotlySource: text of `plotly.min.js`.
    public init(plotlySource: String) throws(DataError) {
        guard plotlySource.utf8.count > 0, plotlySource.contains("Plotly") else {
            throw DataError(
                file: nil, "the plotting script of the report is not Plotly",
                found: "\(plotlySource.utf8.count) bytes of other text", wanted: "the text of plotly.min.js",
                remedy: Self.remedy)
        }
        plotly = Self.embeddable(plotlySource)
    }

    /// - Parameter path: place of `plotly.min.js`, which set-up fetches.
    public init(plotlyFile path: String) throws(DataError) {
        guard let source = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw DataError(
                file: path, "the plotting script of the report can not be read", remedy: Self.remedy)
        }
        try self.init(plotlySource: source)
    }

    /// The whole page.
    public func render(_ content: ReportContent) throws(DataError) -> String {
        try content.validate()
        return Page(content: content, plotly: plotly, maximumPoints: maximumPoints).html.markup
    }

    /// Writes the page; an older report stays until the new one is complete.
    public func write(_ content: ReportContent, to path: String) throws(DataError) {
        try AtomicFile.write(Array(render(content).utf8), to: path)
    }

    private static let remedy = "Run `make build`: it fetches the script."

    /// Script text that can stand in a script element: `</script` would end the element and `<!--` would
    /// change how it is read. In the strings and patterns of JavaScript `\x3c` is the same character as `<`.
    private static func embeddable(_ source: String) -> String {
        source
            .replacingOccurrences(of: "</script", with: "\\x3c/script", options: .caseInsensitive)
            .replacingOccurrences(of: "<!--", with: "\\x3c!--")
    }
}
