/// The sections that steps of the analysis added, as markup and data of their plots.
struct AddedSections {
    private(set) var sections: [Page.Section] = []

    init(_ added: [ReportSection]) {
        var plots = 0
        for section in added where !section.parts.isEmpty {
            sections.append(Self.make(section, plots: &plots))
        }
    }

    private static func make(_ section: ReportSection, plots: inout Int) -> Page.Section {
        var body: [HTML] = []
        var data: [JSONValue] = []
        var figures: [HTML] = []
        // Plots that follow each other stand side by side.
        func closeFigures() {
            if !figures.isEmpty { body.append("<div class=\"pair\">\n\(figures)</div>\n") }
            figures = []
        }
        for part in section.parts {
            if case .plot(let plot) = part {
                let id = "added-\(plots)"
                plots += 1
                figures.append(figure(plot, id: id))
                data.append(json(plot, id: id))
                continue
            }
            closeFigures()
            switch part {
            case .text(let text): body.append("<p>\(text)</p>\n")
            case .warning(let text): body.append("<p class=\"notice warning\">\(text)</p>\n")
            case .table(let table): body.append(markup(table))
            case .pictures(let title, let images): body.append(pictures(title, images))
            case .plot: break
            }
        }
        closeFigures()
        if !data.isEmpty { body.append(ScriptNotice.html) }
        return Page.Section(
            id: section.id, title: section.title, label: section.label, body: "\(body)",
            data: data.isEmpty ? [] : [("added", .list(data))])
    }

    private static func figure(_ plot: ReportPlot, id: String) -> HTML {
        let caption = plot.caption.map { "<figcaption>\($0)</figcaption>\n" as HTML }
        let summary = "\(plot.title): \(plot.y.title) by \(plot.x.title)"
        return """
            <figure>
            <h3>\(plot.title)</h3>
            <div class="plot square" id="\(id)" role="img" aria-label="\(summary)"></div>
            \(caption)</figure>

            """
    }

    private static func markup(_ table: ReportTable) -> HTML {
        let head = table.columns.map { column -> HTML in
            let kind: HTML = column.isNumber ? " class=\"number\"" : ""
            return "<th scope=\"col\"\(kind)>\(column.name)</th>"
        }
        let rows = table.rows.map { row -> HTML in
            let cells = zip(row, table.columns).enumerated().map { place, cell -> HTML in
                if place == 0 { return "<th scope=\"row\">\(cell.0)</th>" }
                let kind: HTML = cell.1.isNumber ? " class=\"number\"" : " class=\"meaning\""
                return "<td\(kind)>\(cell.0)</td>"
            }
            return "<tr>\(cells)</tr>\n"
        }
        return """
            <div class="scroll"><table class="facing">
            <thead><tr>\(head)</tr></thead>
            <tbody>
            \(rows)</tbody>
            </table></div>

            """
    }

    private static func pictures(_ title: String, _ images: [GrayscaleImage]) -> HTML {
        let small = images.map { $0.reduced(toSide: StatesSection.pictureSide) }
        let figures = Pictures.markup(title, small, window: ContrastWindow(images: small), of: title)
        return "<div class=\"strip\">\(figures)</div>\n"
    }

    private static func json(_ plot: ReportPlot, id: String) -> JSONValue {
        let traces = plot.traces.map { trace in
            JSONValue.object([
                ("name", .text(trace.name)), ("style", .plain(trace.style.rawValue)),
                ("colour", trace.category.map { .text(Palette.colour($0)) } ?? .null),
                ("x", .numbers(trace.x)), ("y", .numbers(trace.y)),
                ("labels", .list(trace.labels.map { .text($0) })),
            ])
        }
        let field = plot.field.map { field in
            JSONValue.object([
                ("x", .numbers(field.x)), ("y", .numbers(field.y)),
                ("values", .list(field.values.map { .numbers($0) })), ("title", .text(field.title)),
            ])
        }
        return .object([
            ("id", .plain(id)), ("x", json(plot.x)), ("y", json(plot.y)), ("field", field ?? .null),
            ("traces", .list(traces)), ("square", .flag(plot.isSquare)),
        ])
    }

    private static func json(_ axis: ReportPlot.Axis) -> JSONValue {
        .object([("title", .text(axis.title)), ("logarithmic", .flag(axis.isLogarithmic))])
    }
}
