/// A small Fourier shell correlation plot as SVG: it needs no script and prints sharply.
enum FSCFigure {
    private static let (width, height) = (300.0, 110.0)
    private static let (left, right, top, bottom) = (26.0, 6.0, 8.0, 20.0)

    static func svg(_ curves: [FSCCurve], label: String) -> HTML? {
        let limit = curves.flatMap(\.frequencies).filter(\.isFinite).max() ?? 0
        guard limit > 0 else { return nil }
        let lowest = curves.flatMap(\.correlations).filter(\.isFinite).min() ?? 0
        let floor = lowest < -0.05 ? max(-1, lowest) : -0.05
        let x = { (frequency: Double) in left + frequency / limit * (width - left - right) }
        let y = { (value: Double) in
            top + (1.02 - max(floor, min(1.02, value))) / (1.02 - floor) * (height - top - bottom)
        }
        let marks = [(0.143, "0.143"), (0.5, "0.5"), (1.0, "1"), (0.0, "0")].map { value, name -> HTML in
            """
            <line class="\(value == 0.143 ? "threshold" : "rule")" x1="\(left, digits: 1)" \
            x2="\(width - right, digits: 1)" y1="\(y(value), digits: 1)" y2="\(y(value), digits: 1)"/>\
            \(value == 0.143 ? nil : tick(name, x: left - 5, y: y(value) + 3, anchor: "end"))
            """
        }
        let lines = curves.enumerated().map { index, curve -> HTML in
            let points = zip(curve.frequencies, curve.correlations).map { ($0, $1) }
            return """
                <path class="curve c\(index % 3)" d="\(HTML(markup: path(points, x: x, y: y)))">\
                <title>\(curve.name)</title></path>
                """
        }
        let finest = "1/\(NumberText.fixed(1 / limit, digits: 1)) Å"
        let ends: HTML = """
            \(tick("0", x: left, y: height - 5, anchor: "start"))\
            \(tick("spatial frequency", x: (left + width - right) / 2, y: height - 5, anchor: "middle"))\
            \(tick(finest, x: width - right, y: height - 5, anchor: "end"))
            """
        return """
            <h4>FSC <span>\(curves.map(\.name).joined(separator: ", "))</span></h4>
            <svg class="fsc" viewBox="0 0 \(width, digits: 0) \(height, digits: 0)" role="img" \
            aria-label="\(label)">\(marks)\(lines)\(ends)</svg>

            """
    }

    private static func tick(_ text: String, x: Double, y: Double, anchor: String) -> HTML {
        "<text x=\"\(x, digits: 1)\" y=\"\(y, digits: 1)\" text-anchor=\"\(anchor)\">\(text)</text>"
    }

    /// Path commands; a value that is not finite ends a line, and the next one starts anew.
    static func path(
        _ points: [(Double, Double)], x: (Double) -> Double, y: (Double) -> Double
    ) -> String {
        var isOpen = false
        var commands = ""
        for (frequency, value) in points {
            guard frequency.isFinite, value.isFinite else {
                isOpen = false
                continue
            }
            let place = [x(frequency), y(value)].map { NumberText.fixed($0, digits: 1) }
            commands += (isOpen ? "L" : "M") + place.joined(separator: " ")
            isOpen = true
        }
        return commands
    }
}
