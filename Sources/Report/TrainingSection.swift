/// Terms of the objective over the epochs, a small plot each.
enum TrainingSection {
    static func make(_ content: ReportContent) -> Page.Section? {
        let terms = content.training.filter { term in term.curves.contains { !$0.values.isEmpty } }
        guard !terms.isEmpty else { return nil }
        let figures = terms.indices.map { index -> HTML in
            """
            <figure>
            <h3>\(terms[index].name)</h3>
            <div class="plot low" id="training-\(index)" role="img" \
            aria-label="\(summary(of: terms[index]))"></div>
            </figure>

            """
        }
        let body: HTML = "<div class=\"figures\">\n\(figures)</div>\n\(ScriptNotice.html)"
        return Page.Section(
            id: "training", title: "Training", body: body, data: [("training", .list(terms.map(json(of:))))])
    }

    /// What a reader who does not see the plot needs: where each curve ends.
    private static func summary(of term: TrainingTerm) -> String {
        let ends = term.curves.compactMap { curve -> String? in
            guard let epoch = curve.epochs.last, let value = curve.values.last else { return nil }
            return "\(curve.name) ends at \(NumberText.short(value)) in epoch \(NumberText.short(epoch))"
        }
        return "\(term.name) by epoch: " + ends.joined(separator: "; ")
    }

    private static func json(of term: TrainingTerm) -> JSONValue {
        let curves = term.curves.map { curve in
            JSONValue.object([
                ("name", .text(curve.name)), ("validation", .flag(curve.isValidation)),
                ("x", .numbers(curve.epochs)), ("y", .numbers(curve.values)),
            ])
        }
        return .object([
            ("name", .text(term.name)), ("unit", term.unit.map { .text($0) } ?? .null),
            ("logarithmic", .flag(term.isLogarithmic)), ("curves", .list(curves)),
        ])
    }
}

/// Said where plots would stand in a browser that runs no script.
enum ScriptNotice {
    static let html: HTML =
        "<noscript><p class=\"notice\">The plots of this section need JavaScript.</p></noscript>"
}
