/// Surfaces of the states' maps in three dimensions: any two of them over each other, at any level.
enum SurfaceSection {
    static func make(_ content: ReportContent) -> Page.Section? {
        let shown = content.states.flatMap { state in state.volumes.map { (state, $0) } }
        guard let (_, first) = shown.first else { return nil }
        let same = shown.filter { $0.1.size == first.size && $0.1.voxel == first.voxel }
        let volumes = same.map { state, volume in
            JSONValue.object([
                ("name", .text("\(state.name), \(volume.name)")),
                ("colour", .text(Palette.colour(state.category))),
                (
                    "size",
                    .list([volume.size.x, volume.size.y, volume.size.z].map { .integer($0) })
                ),
                ("voxel", .number(volume.voxel)), ("values", PackedArray.bytes(volume.steps)),
                ("low", .number(Double(volume.low))), ("high", .number(Double(volume.high))),
                ("level", .number(Double(volume.level))),
            ])
        }
        return Page.Section(
            id: "surfaces", title: "Surfaces", body: body(names: same.map { "\($0.name), \($1.name)" }),
            data: [("volumes", .list(volumes))])
    }

    private static func body(names: [String]) -> HTML {
        let options = names.enumerated().map { index, name -> HTML in
            "<option value=\"\(index)\">\(name)</option>"
        }
        return """
            <p>Drag turns the map, the wheel zooms, Shift with drag moves it; with the map in focus the \
            arrow keys turn it, + and - zoom, 0 goes back. Two states can lie over each other.</p>
            <div class="controls">
            <label>Map <select id="surface-a">\(options)</select></label>
            <label>over it <select id="surface-b"><option value="">none</option>\(options)</select></label>
            <label class="level">Level <input type="range" id="surface-level" min="1" max="254">\
            <output id="surface-value"></output></label>
            </div>
            <figure><canvas class="surface" id="surface-canvas" tabindex="0" role="img" \
            aria-label="Isosurface of the chosen map"></canvas>
            <p class="notice" id="surface-notice" hidden>This browser has no WebGL, which surfaces are drawn \
            with.</p></figure>
            \(ScriptNotice.html)
            """
    }
}
