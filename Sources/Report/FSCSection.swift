/// The Fourier shell correlation curves of all states in one plot.
enum FSCSection {
    static func make(_ content: ReportContent) -> Page.Section? {
        let states = content.states.filter { state in state.fsc.contains { !$0.frequencies.isEmpty } }
        guard !states.isEmpty else { return nil }
        let isSingle = states.allSatisfy { $0.fsc.count == 1 }
        let curves = states.flatMap { state in
            state.fsc.enumerated().map { index, curve in
                JSONValue.object([
                    ("name", .text(isSingle ? state.name : "\(state.name), \(curve.name)")),
                    ("colour", .text(Palette.colour(state.category))), ("dash", .integer(index % 3)),
                    ("x", .numbers(curve.frequencies)), ("y", .numbers(curve.correlations)),
                ])
            }
        }
        let body: HTML = """
            <p>Fourier shell correlation of each state. The dashed lines are the usual criteria 0.143 (half \
            maps) and 0.5 (map and model). A click on a name hides or shows its curve.</p>
            <figure><div class="plot wide" id="fsc-plot" role="img" aria-label="\
            Fourier shell correlation by spatial frequency, a curve for each state"></div></figure>
            \(ScriptNotice.html)
            """
        return Page.Section(
            id: "resolution", title: "Resolution", body: body, data: [("fsc", .list(curves))])
    }
}
