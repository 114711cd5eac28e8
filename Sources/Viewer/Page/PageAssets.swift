import CryoIO
import FlyingFox
import Foundation
import Report
import Torch

/// The page and its parts. All but the plotting library are in the program.
struct PageAssets: Sendable {
    private let plotly: Data

    /// - Throws: where set-up has not fetched the plotting library.
    init() throws {
        let path = try RuntimeFolder.file("plotly.min.js").get()
        guard let script = FileManager.default.contents(atPath: path) else {
            throw DataError(
                file: path, "the plotting library of the page cannot be read",
                remedy: "Run `make build`: it fetches the script.")
        }
        plotly = script
    }

    /// The answer to a request for a part of the page; nil where the path is none.
    func reply(_ path: String, token: String) -> HTTPResponse? {
        switch path {
        case "/": Reply.text(ViewerPage.html(token: token), "text/html")
        case "/page.css": Reply.text(ViewerStyle.css, "text/css")
        case "/page.js": Reply.text(ViewerScript.source, "text/javascript")
        case "/plotly.js": Reply.make(plotly, "text/javascript; charset=utf-8")
        default: nil
        }
    }
}
