/// The page as a whole: head, heading, list of sections, sections and the data and script of the plots.
struct Page {
    var content: ReportContent
    /// Script text of Plotly, safe inside a script element.
    var plotly: String
    var maximumPoints: Int

    /// A part of the page with its place in the list of sections, and what its plots draw.
    struct Section {
        var id: String
        var title: String
        /// In place of the title in the list of sections.
        var label: String?
        var body: HTML
        var data: [(String, JSONValue)] = []
    }

    /// Nothing is fetched: the policy lets the page run its own script and show its own pictures, no more.
    /// Plotly's WebGL plots compile their drawing code, which needs `unsafe-eval`.
    private static let policy =
        "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
        + "img-src data: blob:; font-src data:"

    var sections: [Section] {
        let findings = [
            ScoresSection.make(content),
            StatesSection.make(content),
            SurfaceSection.make(content),
            LatentSection.make(content, maximumPoints: maximumPoints),
            ConfusionSection.make(content),
            FSCSection.make(content),
        ]
        let circumstances = [
            TrainingSection.make(content),
            FilesSection.make(content),
            ProvenanceSection.make(content),
        ]
        return findings.compactMap { $0 } + AddedSections(content.added).sections
            + circumstances.compactMap { $0 }
    }

    var html: HTML {
        let sections = sections
        let data = JSONValue.object(Self.merged(sections.flatMap(\.data)))
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
            <meta name="generator" content="\(content.provenance.program) \(content.provenance.version)">
            <title>\(content.title)</title>
            <style>\(PageStyle.css)</style>
            </head>
            <body>
            \(header)
            \(navigation(sections))
            <main>
            \(sections.map(markup(of:)))
            </main>
            \(footer)
            <script type="application/json" id="report-data">\(HTML(markup: data.serialized))</script>
            <script>\(HTML(markup: plotly))</script>
            <script>\(PageScript.source)</script>
            </body>
            </html>

            """
    }

    /// Lists under one key become one list: several sections may have plots of one kind.
    private static func merged(_ members: [(String, JSONValue)]) -> [(String, JSONValue)] {
        var result: [(String, JSONValue)] = []
        for (key, value) in members {
            if let place = result.firstIndex(where: { $0.0 == key }), case .list(let more) = value,
                case .list(let already) = result[place].1
            {
                result[place].1 = .list(already + more)
            } else {
                result.append((key, value))
            }
        }
        return result
    }

    private var header: HTML {
        let subtitle = content.subtitle.map { "<p class=\"subtitle\">\($0)</p>" as HTML }
        let facts = content.facts.map { fact -> HTML in
            "<div><dt>\(fact.label)</dt><dd>\(fact.value)</dd></div>\n"
        }
        let list: HTML? = facts.isEmpty ? nil : "<dl class=\"facts\">\n\(facts)</dl>"
        return """
            <header class="page">
            <h1>\(content.title)</h1>
            \(subtitle)
            \(list)
            </header>
            """
    }

    private func navigation(_ sections: [Section]) -> HTML {
        let links = sections.map { section -> HTML in
            "<li><a href=\"#\(section.id)\">\(section.label ?? section.title)</a></li>"
        }
        return "<nav aria-label=\"Sections\"><ul>\(links)</ul></nav>"
    }

    private func markup(of section: Section) -> HTML {
        """
        <section id="\(section.id)" aria-labelledby="\(section.id)-title">
        <h2 id="\(section.id)-title">\(section.title)</h2>
        \(section.body)
        </section>

        """
    }

    private var footer: HTML {
        let provenance = content.provenance
        let date = provenance.date.map { ", \($0)" as HTML }
        return "<footer>Written by \(provenance.program) \(provenance.version)\(date).</footer>"
    }
}
