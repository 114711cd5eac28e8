import CryoIO
import Foundation
import Testing

@testable import Report

/// Stands for the real script, which is fetched at set-up.
private let plotly = "var Plotly = {};"

@Suite struct HTMLReportTests {
    private func bare() -> ReportContent {
        ReportContent(title: "Run", provenance: .init(program: "dsd", version: "1.0"))
    }

    private func full(count: Int = 200) -> ReportContent {
        var content = bare()
        content.subtitle = "sub"
        content.facts = [.init("Particles", "200")]
        content.scores = [.init(name: "ARI", value: .nan, reference: 0.5, meaning: "agreement")]
        content.training = [
            TrainingTerm(
                name: "Total", curves: [.init(name: "training", epochs: [1, 2], values: [.nan, .infinity])])
        ]
        content.latent = LatentView(
            umap: (0..<count).map { SIMD2(Float($0), $0 == 3 ? .nan : Float($0 % 7)) },
            pca: .init(
                components: (0..<2).map { axis in (0..<count).map { Float($0 * axis) } },
                explainedVariance: [0.5, .nan]),
            colourings: [
                .categories("Cluster", (0..<count).map { $0 % 3 - 1 }, names: ["A", "B"]),
                .numbers("Defocus", (0..<count).map { $0 % 5 == 0 ? .nan : Float($0) }, unit: "µm"),
                .numbers("Tilt", [Float](repeating: .nan, count: count)),
            ])
        let image = GrayscaleImage(values: [0, 1, 2, .nan], width: 2, height: 2, caption: "XY slice")
        content.states = [
            StructuralState(
                name: "A", category: 0, count: 120, share: 0.6, resolution: 4.25, slices: [image],
                projections: [image],
                fsc: [FSCCurve(name: "half maps", frequencies: [0, 0.1, 0.2], correlations: [1, .nan, 0])],
                mapPath: "volumes/a.mrc"),
            StructuralState(name: "B", category: 1, count: 80, share: .nan),
        ]
        content.states[0].differences = [image]
        content.confusion = ConfusionTable(
            clusters: ["A", "B"], truths: ["one", "two"], counts: [[1, 9], [10, 0]])
        content.files = [.init(path: "config.yaml", meaning: "configuration")]
        content.provenance.configuration = "a: 1"
        return content
    }

    private func data(of page: String) throws -> [String: Any] {
        let start = try #require(page.range(of: "id=\"report-data\">"))
        let end = try #require(page.range(of: "</script>", range: start.upperBound..<page.endIndex))
        let json = Data(page[start.upperBound..<end.lowerBound].utf8)
        return try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    }

    @Test func everySectionThatHasContentIsShown() throws {
        let page = try HTMLReport(plotlySource: plotly).render(full())
        let sections = [
            "scores", "states", "latent", "confusion", "resolution", "training", "files", "provenance",
        ]
        for id in sections {
            #expect(page.contains("<section id=\"\(id)\""), "\(id)")
            #expect(page.contains("href=\"#\(id)\""), "\(id)")
        }
        #expect(Set(try data(of: page).keys) == ["fsc", "latent", "training"])
        #expect(page.contains("4.2&nbsp;Å") || page.contains("4.3&nbsp;Å"))
        #expect(page.contains("alt=\"A, XY slice\""))
        // Changes have colours of their own and say what these mean.
        #expect(page.contains("alt=\"A, decoded less consensus, XY slice\"") && page.contains("blue where"))
    }

    @Test func absentContentLeavesNoSection() throws {
        var content = bare()
        content.latent = LatentView(colourings: [.numbers("x", [1])])
        content.training = [TrainingTerm(name: "Total", curves: [])]
        let page = try HTMLReport(plotlySource: plotly).render(content)
        #expect(page.components(separatedBy: "<section ").count == 2)
        #expect(page.contains("<section id=\"provenance\""))
        #expect(try data(of: page).isEmpty)
        for element in ["<dl class=\"facts\"", "<p class=\"subtitle\"", "<details"] {
            #expect(!page.contains(element), "\(element)")
        }
    }

    @Test func missingNumbersKeepTheDataReadable() throws {
        let data = try data(of: HTMLReport(plotlySource: plotly).render(full()))
        let terms = try #require(data["training"] as? [[String: Any]])
        let curves = try #require(terms.first?["curves"] as? [[String: Any]])
        let values = try #require(curves.first?["y"] as? [Any])
        #expect(values.count == 2 && values.allSatisfy { $0 is NSNull })
    }

    @Test func textOfUsersNeverBecomesMarkup() throws {
        let nasty = "</script><img src=x onerror=alert(1)>\"'&"
        var content = full()
        content.title = nasty
        content.subtitle = nasty
        content.facts = [.init(nasty, nasty)]
        content.scores = [.init(name: nasty, value: 1, meaning: nasty)]
        content.training[0].name = nasty
        content.training[0].unit = nasty
        content.training[0].curves[0].name = nasty
        content.latent?.colourings[0].name = nasty
        content.latent?.colourings[0].values = .categories(
            [Int](repeating: 0, count: 200), names: [nasty])
        content.states[0].name = nasty
        content.states[0].resolutionCriterion = nasty
        content.states[0].mapPath = nasty
        content.states[0].slices[0].caption = nasty
        content.states[0].fsc[0].name = nasty
        content.confusion?.clusters[0] = nasty
        content.confusion?.truths[0] = nasty
        content.files = [.init(path: nasty, meaning: nasty)]
        content.provenance = .init(
            program: nasty, version: nasty, commandLine: nasty, date: nasty, device: nasty,
            configuration: nasty)
        let page = try HTMLReport(plotlySource: plotly).render(content)
        #expect(!page.contains("<img src=x"))
        #expect(page.components(separatedBy: "</script>").count == 4)
        #expect(try data(of: page).count == 3)
    }

    @Test func thePageFetchesNothing() throws {
        let page = try HTMLReport(plotlySource: plotly).render(full())
        for word in ["http://", "https://", "<link", "src=\"/", "@import", "url("] {
            #expect(!page.contains(word), "\(word)")
        }
        #expect(page.contains("default-src &#39;none&#39;"))
    }

    @Test func theScriptIsEmbeddedOnceAndCanNotEndItsElement() throws {
        let source = plotly + "var a = \"</script><!-- x\"; var b = /<\\/SCRIPT/;"
        let page = try HTMLReport(plotlySource: source).render(bare())
        #expect(page.components(separatedBy: "var Plotly").count == 2)
        #expect(page.contains("\"\\x3c/script>\\x3c!-- x\""))
    }

    @Test func withoutTheScriptTheErrorNamesTheRemedy() {
        for source in ["", "<html>not found</html>"] {
            let error = #expect(throws: DataError.self) { try HTMLReport(plotlySource: source) }
            #expect(error?.description.contains("make build") == true)
        }
        let error = #expect(throws: DataError.self) { try HTMLReport(plotlyFile: "/nowhere/plotly.min.js") }
        #expect(error?.description.contains("make build") == true)
        #expect(error?.description.contains("/nowhere/plotly.min.js") == true)
    }

    @Test func columnsOfDifferentLengthAreRefusedByName() throws {
        let faults: [(String, (inout ReportContent) -> Void)] = [
            ("Defocus", { $0.latent?.colourings[1].values = .numbers([1, 2], unit: nil) }),
            ("principal components", { $0.latent?.pca?.components[1] = [1] }),
            ("explained variances", { $0.latent?.pca?.explainedVariance = [1] }),
            ("Total", { $0.training[0].curves[0].values = [1] }),
            ("half maps", { $0.states[0].fsc[0].correlations = [1] }),
            ("XY slice", { $0.states[0].slices[0].width = 3 }),
            ("XY slice", { $0.states[0].slices[0].width = 0 }),
            ("confusion", { $0.confusion?.counts[0] = [1] }),
            ("confusion", { $0.confusion?.counts = [] }),
        ]
        let report = try HTMLReport(plotlySource: plotly)
        for (word, spoil) in faults {
            var content = full()
            spoil(&content)
            let error = #expect(throws: DataError.self) { try report.render(content) }
            #expect(error?.description.contains(word) == true, "\(word)")
        }
    }

    @Test func largeSetsAreThinnedAndSaySo() throws {
        var report = try HTMLReport(plotlySource: plotly)
        report.maximumPoints = 50
        let page = try report.render(full())
        #expect(page.contains("50 of 200, chosen at random, are drawn"))
        let latent = try #require(try data(of: page)["latent"] as? [String: Any])
        let rows = try #require(latent["rows"] as? [String: Any])
        let base64 = try #require(rows["data"] as? String)
        #expect(Data(base64Encoded: base64)?.count == 200)
    }

    @Test func threeHundredThousandPointsStayBelowTenMegabytes() throws {
        let count = 300_000
        var content = bare()
        let numbers = (0..<count).map { Float($0 % 1_009) }
        content.latent = LatentView(
            umap: numbers.map { SIMD2($0, -$0) },
            pca: .init(components: [numbers, numbers, numbers], explainedVariance: [0.5, 0.3, 0.1]),
            colourings: [
                .categories("Cluster", (0..<count).map { $0 % 8 }, names: (0..<8).map { "\($0)" }),
                .categories("True state", (0..<count).map { $0 % 8 }, names: (0..<8).map { "\($0)" }),
                .numbers("Defocus", numbers, unit: "µm"), .numbers("Tilt", numbers, unit: "°"),
            ])
        var report = try HTMLReport(plotlySource: plotly)
        report.maximumPoints = count
        #expect(try report.render(content).utf8.count < 10_000_000)
    }

    @Test func theFileIsThePage() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("report.html").path
        let report = try HTMLReport(plotlySource: plotly)
        try report.write(full(), to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == report.render(full()))
    }

    @Test func clustersAreListedByTheirMainState() {
        let table = ConfusionTable(
            clusters: ["a", "b", "c"], truths: ["x", "y"], counts: [[1, 5], [4, 0], [2, 9]])
        #expect(ConfusionSection.order(of: table) == [1, 0, 2])
    }
}
