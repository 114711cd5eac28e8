/// The latent means as points: UMAP and principal components with a common choice of colours.
enum LatentSection {
    static let shownComponents = 3

    static func make(_ content: ReportContent, maximumPoints: Int) -> Page.Section? {
        guard let latent = content.latent, latent.count > 0 else { return nil }
        let hasPairs = (latent.pca?.components.count ?? 0) > 1
        guard latent.umap != nil || hasPairs else { return nil }
        let rows = Subset.rows(max(1, maximumPoints), of: latent.count)
        let isWhole = rows.count == latent.count
        var members: [(String, JSONValue)] = [
            ("count", .integer(latent.count)),
            ("rows", isWhole ? .null : PackedArray.rows(rows.map { $0 + 1 })),
        ]
        if let umap = latent.umap {
            members.append(
                ("umap", .list([
                    PackedArray.quantized(rows.map { umap[$0].x }),
                    PackedArray.quantized(rows.map { umap[$0].y }),
                ])))
        }
        if let pca = latent.pca, hasPairs { members.append(("pca", json(of: pca, rows: rows))) }
        members.append(("colourings", .list(latent.colourings.map { json(of: $0, rows: rows) })))
        return Page.Section(
            id: "latent", title: "Latent space",
            body: body(latent, shown: rows.count, hasPairs: hasPairs),
            data: [("latent", .object(members))])
    }

    // MARK: Markup

    private static func body(_ latent: LatentView, shown: Int, hasPairs: Bool) -> HTML {
        let all = NumberText.grouped(latent.count)
        let number =
            shown == latent.count
            ? "Each point is a particle (\(all))."
            : "Each point is a particle; \(NumberText.grouped(shown)) of \(all), chosen at random, are drawn."
        let umap: HTML? =
            latent.umap == nil
            ? nil
            : figure(
                id: "umap", title: "UMAP",
                caption: "Neighbours in the latent space stay close; distances between groups have no unit.")
        let pca: HTML? =
            hasPairs
            ? figure(
                id: "pca", title: "Principal components",
                caption: "Linear axes of greatest variance of the latent mean.") : nil
        let hasNames = latent.colourings.contains { colouring in
            if case .categories = colouring.values { true } else { false }
        }
        let hint: HTML? =
            hasNames ? " A click on a name hides or shows its points, a double click shows them alone." : nil
        return """
            <p>\(number) Point at one to see its row in the particle file.\(hint)</p>
            <div class="controls">
            \(colouringChoice(latent.colourings))
            \(componentChoice(latent.pca))
            </div>
            <div class="legend" id="latent-legend"></div>
            <p class="notice" id="latent-notice" hidden></p>
            <div class="pair">
            \(umap)\(pca)</div>
            \(ScriptNotice.html)
            """
    }

    private static func figure(id: String, title: String, caption: String) -> HTML {
        """
        <figure>
        <h3>\(title)</h3>
        <div class="plot square" id="plot-\(id)" role="img" \
        aria-label="Scatter plot, \(title). \(caption)"></div>
        <figcaption>\(caption)</figcaption>
        </figure>

        """
    }

    private static func colouringChoice(_ colourings: [LatentView.Colouring]) -> HTML {
        let options = colourings.enumerated().map { index, colouring -> HTML in
            "<option value=\"\(index)\">\(colouring.name)</option>"
        }
        return """
            <label>Colour by <select id="colouring">\(options)\
            <option value="density">Density of points</option></select></label>
            """
    }

    /// A choice of axes where there are more than two components.
    private static func componentChoice(_ pca: LatentView.PrincipalComponents?) -> HTML? {
        let shown = min(pca?.components.count ?? 0, shownComponents)
        guard shown > 2 else { return nil }
        let options = (0..<shown).flatMap { first in
            ((first + 1)..<max(shown, first + 1)).map { second -> HTML in
                "<option value=\"\(first),\(second)\">\(first + 1) and \(second + 1)</option>"
            }
        }
        return "<label>Components <select id=\"components\">\(options)</select></label>"
    }

    // MARK: Data

    private static func json(of pca: LatentView.PrincipalComponents, rows: [Int]) -> JSONValue {
        let shown = pca.components.prefix(shownComponents)
        let labels = shown.indices.map { index -> JSONValue in
            let variance = pca.explainedVariance.indices.contains(index) ? pca.explainedVariance[index] : nil
            let share = variance.map { " (\(NumberText.percent($0)) of variance)" } ?? ""
            return .text("PC \(index + 1)" + share)
        }
        let columns = shown.map { component in PackedArray.quantized(rows.map { component[$0] }) }
        return .object([("labels", .list(labels)), ("columns", .list(columns))])
    }

    private static func json(of colouring: LatentView.Colouring, rows: [Int]) -> JSONValue {
        switch colouring.values {
        case .categories(let labels, let names):
            return .object([
                ("name", .text(colouring.name)), ("names", .list(names.map { .text($0) })),
                ("colours", .list(names.indices.map { .text(Palette.colour($0)) })),
                ("labels", PackedArray.labels(rows.map { labels[$0] }, categories: names.count)),
            ])
        case .numbers(let numbers, let unit):
            let shown = rows.map { numbers[$0] }
            let finite = shown.filter(\.isFinite).sorted()
            return .object([
                ("name", .text(colouring.name)), ("unit", unit.map { .text($0) } ?? .null),
                ("values", PackedArray.quantized(shown)),
                ("low", .number(Double(Percentile.value(0.01, ofSorted: finite) ?? 0))),
                ("high", .number(Double(Percentile.value(0.99, ofSorted: finite) ?? 1))),
            ])
        }
    }
}
