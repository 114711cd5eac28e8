import Analysis
import Foundation
import OpusDSD
import TestSupport
import Testing

extension ViewerTests {
    /// The report of a run, opened from the disk.
    @Suite(.enabled(if: Browser.isPresent, "\(Browser.absence)"))
    struct ReportBrowserTests {
        @Test func everyPlotIsDrawnInLightAndDark() throws {
            let fixture = try ViewerFixture.shared.get()
            var settings = AnalysisSettings()
            (settings.clusters, settings.embeddingPasses) = (ViewerFixture.clusters, 20)
            let analysis = try LatentAnalysis(fixture.folder, settings: settings, threads: 2)
            let report = RunReport(
                analysis.run, try analysis.perform(), title: "Run",
                provenance: .init(program: "dsd", version: "test"))
            try report.write(to: fixture.folder.report, script: try RunReport.script())

            let browser = try Browser()
            try browser.open("file://" + fixture.folder.report)
            for id in ["plot-umap", "plot-pca", "fsc-plot", "training-0"] {
                try browser.wait("document.querySelector('#\(id) .main-svg')")
            }
            // Every cluster has a decoded map; a reconstruction wants particles in both half sets.
            let maps = try browser.evaluate("document.getElementById('surface-a').options.length") as? Int
            #expect((ViewerFixture.clusters...2 * ViewerFixture.clusters).contains(maps ?? 0))
            try browser.evaluate("document.getElementById('surfaces').scrollIntoView()")
            try browser.wait("document.getElementById('surface-value').textContent !== ''")
            let canvas = "document.getElementById('surface-canvas').toDataURL()"
            try browser.wait("\(canvas).length > 5000")
            let (first, light) = (try browser.text(canvas), try browser.screenshot())
            // Another level, another state over it, another turn: other pictures.
            try browser.evaluate(
                """
                (() => { const level = document.getElementById('surface-level');
                level.value = Number(level.value) + 40; level.dispatchEvent(new Event('input'));
                const over = document.getElementById('surface-b');
                over.value = '1'; over.dispatchEvent(new Event('change')); })()
                """)
            try browser.wait("\(canvas) !== '\(first)'")
            let second = try browser.text(canvas)
            let box = try browser.box(of: "#surface-canvas")
            try browser.drag([(box[0] + 200, box[1] + 100), (box[0] + 260, box[1] + 130)])
            try browser.wait("\(canvas) !== '\(second)'")
            try browser.setDark(true)
            try browser.wait("getComputedStyle(document.body).backgroundColor === 'rgb(17, 20, 24)'")
            #expect(try browser.screenshot() != light)
            // Nothing is fetched, and no script fails.
            let fetched = try browser.evaluate("performance.getEntriesByType('resource').length") as? Int
            #expect(fetched == 0)
            #expect(try browser.problems() == [])
        }
    }
}
