/// A section that a step of an analysis adds to the report: text, tables, plots and pictures, in order.
public struct ReportSection: Sendable {
    /// Address of the section in the page, a word such as "motion"; no two sections share one.
    public var id: String
    public var title: String
    /// Shorter than the title, for the list of sections.
    public var label: String?
    public var parts: [Part]

    public init(id: String, title: String, label: String? = nil, parts: [Part]) {
        (self.id, self.title, self.label, self.parts) = (id, title, label, parts)
    }

    public enum Part: Sendable {
        case text(String)
        /// What a reader must not overlook.
        case warning(String)
        case table(ReportTable)
        case plot(ReportPlot)
        /// Pictures side by side under one heading, on one scale of gray levels.
        case pictures(String, [GrayscaleImage])
    }
}

/// A table whose cells are ready to read.
public struct ReportTable: Sendable {
    public struct Column: Sendable {
        public var name: String
        /// Numbers stand to the right, under each other.
        public var isNumber: Bool

        public init(_ name: String, isNumber: Bool = true) {
            (self.name, self.isNumber) = (name, isNumber)
        }
    }

    public var columns: [Column]
    /// `[rows][columns]`; the first column is the heading of its row.
    public var rows: [[String]]

    public init(columns: [Column], rows: [[String]]) {
        (self.columns, self.rows) = (columns, rows)
    }
}

/// A plot with curves, points or bars, or a map of values over a plane.
public struct ReportPlot: Sendable {
    public struct Axis: Sendable {
        /// With the unit: "translation (Å)".
        public var title: String
        public var isLogarithmic: Bool

        public init(_ title: String, isLogarithmic: Bool = false) {
            (self.title, self.isLogarithmic) = (title, isLogarithmic)
        }
    }

    public enum Style: String, Sendable { case line, dashed, points, bars }

    public struct Trace: Sendable {
        public var name: String
        public var style: Style
        public var x: [Double]
        /// `[x.count]`; values that are not finite leave a gap.
        public var y: [Double]
        /// Number of the category whose colour it has: a cluster. Nil takes the colour of curves.
        public var category: Int?
        /// What stands beside a point under the pointer; empty or one for each.
        public var labels: [String]

        public init(
            _ name: String, _ style: Style, x: [Double], y: [Double], category: Int? = nil,
            labels: [String] = []
        ) {
            (self.name, self.style, self.x, self.y) = (name, style, x, y)
            (self.category, self.labels) = (category, labels)
        }
    }

    /// Values on a regular grid of places, drawn as colours under the traces.
    public struct Field: Sendable {
        public var x: [Double]
        public var y: [Double]
        /// `[y.count][x.count]`; not finite where there is no value.
        public var values: [[Double]]
        /// What the colours are, with the unit: "free energy (kT)".
        public var title: String

        public init(x: [Double], y: [Double], values: [[Double]], title: String) {
            (self.x, self.y, self.values, self.title) = (x, y, values, title)
        }
    }

    public var title: String
    public var caption: String?
    public var x: Axis
    public var y: Axis
    public var field: Field?
    public var traces: [Trace]
    /// Both axes have one scale.
    public var isSquare: Bool

    public init(
        _ title: String, caption: String? = nil, x: Axis, y: Axis, field: Field? = nil,
        traces: [Trace] = [], isSquare: Bool = false
    ) {
        (self.title, self.caption, self.x, self.y) = (title, caption, x, y)
        (self.field, self.traces, self.isSquare) = (field, traces, isSquare)
    }
}
