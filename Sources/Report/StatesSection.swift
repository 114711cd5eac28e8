/// A card for every reconstructed state.
enum StatesSection {
    /// Longest side of a picture in the report, in pixels.
    static let pictureSide = 160

    static func make(_ content: ReportContent) -> Page.Section? {
        let states = content.states
        guard !states.isEmpty else { return nil }
        let slices = states.map { $0.slices.map { $0.reduced(toSide: pictureSide) } }
        let projections = states.map { $0.projections.map { $0.reduced(toSide: pictureSide) } }
        let sliceWindow = ContrastWindow(images: slices.flatMap { $0 })
        let projectionWindow = ContrastWindow(images: projections.flatMap { $0 })
        let differences = states.map { $0.differences.map { $0.reduced(toSide: pictureSide) } }
        let change = ContrastWindow(change: differences.flatMap { $0 })
        let cards = states.indices.map { index in
            card(
                states[index],
                rows: [
                    Pictures.markup(
                        "Central slices", slices[index], window: sliceWindow, of: states[index].name),
                    Pictures.markup(
                        "Projections", projections[index], window: projectionWindow, of: states[index].name),
                    Pictures.markup(
                        "Decoded less consensus", differences[index], window: change,
                        of: "\(states[index].name), decoded less consensus", colours: Palette.change),
                ])
        }
        let hasPictures = states.contains { !$0.slices.isEmpty || !$0.projections.isEmpty }
        let changes: HTML? =
            differences.contains { !$0.isEmpty }
            ? """
             So are the colours of the changes: red where the decoded map has more density than the \
            consensus, blue where it has less.
            """ : nil
        let note: HTML? =
            hasPictures
            ? """
            <p>Gray levels are the same in all cards, so that states can be compared: \
            one scale for slices, one for projections.\(changes)</p>
            """ : nil
        let body: HTML = "\(note)\n\(shares(states))\n<div class=\"cards\">\n\(cards)</div>"
        return Page.Section(id: "states", title: "States", body: body)
    }

    /// The shares of the states as one bar. The cards say the same in words.
    private static func shares(_ states: [StructuralState]) -> HTML {
        let parts = states.map { state -> HTML in
            let share = state.share.isFinite ? max(0, min(1, state.share)) : 0
            let title = "\(state.name): \(NumberText.percent(state.share))"
            return """
                <span style="flex-grow:\(share, digits: 5);background:\(Palette.colour(state.category))" \
                title="\(title)"></span>
                """
        }
        return "<div class=\"shares\" role=\"img\" aria-label=\"Shares of the states\">\(parts)</div>"
    }

    private static func card(_ state: StructuralState, rows: [HTML?]) -> HTML {
        let resolution = state.resolution.map { resolution -> HTML in
            let criterion = state.resolutionCriterion.map { "<small>\($0)</small>" as HTML }
            return """
                <div><dt>Resolution</dt>\
                <dd>\(NumberText.fixed(resolution, digits: 1))&nbsp;Å\(criterion)</dd></div>
                """
        }
        let map = state.mapPath.map { path -> HTML in
            "<p class=\"map\"><a href=\"\(Link.address(of: path))\"><code>\(path)</code></a></p>\n"
        }
        let fsc = FSCFigure.svg(state.fsc, label: "Fourier shell correlation of \(state.name)")
        return """
            <article class="card" style="--chip:\(Palette.colour(state.category))">
            <h3><span class="chip" aria-hidden="true"></span>\(state.name)</h3>
            <dl>
            <div><dt>Particles</dt><dd>\(NumberText.grouped(state.count))</dd></div>
            <div><dt>Share</dt><dd>\(NumberText.percent(state.share))</dd></div>
            \(resolution)
            </dl>
            \(rows.compactMap { $0 })\(fsc)\(map)</article>

            """
    }
}
