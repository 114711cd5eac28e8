import CryoIO

/// A numeric column of RELION and the values that it can have.
struct Quantity: Sendable {
    let label: String
    let range: ClosedRange<Double>
    var isWhole = false
    /// What a value outside the range is; one that is no number is always an error.
    var severity = Fault.Severity.warning
    let wanted: String

    /// Angles beyond two turns, shifts beyond any image, and values that no microscope has, are doubtful.
    static let known: [Quantity] =
        ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "rlnDefocusAngle", "rlnPhaseShift"].map {
            Quantity(label: $0, range: -720...720, wanted: "degrees")
        }
        + ["rlnOriginXAngst", "rlnOriginYAngst", "rlnOriginX", "rlnOriginY"].map {
            Quantity(label: $0, range: -10_000...10_000, wanted: "a shift within the image")
        }
        + ["rlnDefocusU", "rlnDefocusV"].map {
            Quantity(label: $0, range: 0...100_000, wanted: "0 to 100000 A (underfocus is positive)")
        }
        + [
            Quantity(
                label: "rlnVoltage", range: 20...3000, severity: .error, wanted: "20 to 3000 kV"),
            Quantity(
                label: "rlnSphericalAberration", range: 0...100, severity: .error, wanted: "0 to 100 mm"),
            Quantity(label: "rlnAmplitudeContrast", range: 0...1, severity: .error, wanted: "0 to 1"),
            Quantity(
                label: "rlnImagePixelSize", range: 1e-3...50, severity: .error,
                wanted: "above 0 and at most 50 A"),
            Quantity(label: "rlnDetectorPixelSize", range: 0.1...1000, wanted: "micrometres"),
            Quantity(label: "rlnMagnification", range: 1...1e7, wanted: "a magnification"),
            Quantity(
                label: "rlnImageSize", range: 2...65_536, isWhole: true, severity: .error,
                wanted: "pixels, a whole number"),
            Quantity(
                label: "rlnOpticsGroup", range: 1...1e6, isWhole: true, severity: .error,
                wanted: "a whole number from 1"),
            Quantity(
                label: "rlnGroupNumber", range: 0...1e9, isWhole: true, severity: .error,
                wanted: "a whole number"),
            Quantity(label: "rlnClassNumber", range: 0...1e6, isWhole: true, wanted: "a whole number"),
            Quantity(
                label: "rlnImageDimensionality", range: 2...2, severity: .error,
                wanted: "2: images, not volumes"),
            Quantity(
                label: "rlnCtfDataAreCtfPremultiplied", range: 0...0, severity: .error,
                wanted: "0: extract without premultiplied CTF"),
            Quantity(label: "rlnRandomSubset", range: 1...2, isWhole: true, wanted: "1 or 2"),
            Quantity(label: "rlnMaxValueProbDistribution", range: 0...1, wanted: "0 to 1"),
            Quantity(label: "rlnNormCorrection", range: 1e-3...1e3, wanted: "near 1"),
            Quantity(label: "rlnBeamTiltX", range: -0.5...0.5, wanted: "below 0.5 mrad: it is not modelled"),
            Quantity(label: "rlnBeamTiltY", range: -0.5...0.5, wanted: "below 0.5 mrad: it is not modelled"),
        ]

    static let byLabel = Dictionary(known.map { ($0.label, $0) }, uniquingKeysWith: { first, _ in first })

    /// Without these a set cannot be trained on; pixel size and origins have several names.
    static let required = [
        "rlnImageName", "rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "rlnDefocusU", "rlnDefocusV",
        "rlnDefocusAngle", "rlnVoltage", "rlnSphericalAberration", "rlnAmplitudeContrast",
    ]
}

/// The numbers of a column, read to the end.
struct ColumnScan: Sendable {
    let label: String
    let values: [Double]
    /// Rows that hold no finite number.
    let faulty: [Int]
    /// Rows whose number the quantity cannot have.
    let outside: [Int]

    /// - Returns: nil for a column of texts.
    init?(_ column: STARColumn) {
        let quantity = Quantity.byLabel[column.label]
        // Most other columns are numbers too; texts show in the first row.
        if quantity == nil, column.count > 0 {
            guard Double(column[0])?.isFinite == true else { return nil }
        }
        let (values, bad) = column.numbers()
        label = column.label
        self.values = values
        // A column that nobody here knows may be of texts that start with a number.
        faulty = quantity == nil ? bad.filter { Self.isNoFiniteNumber(column[$0]) } : bad
        outside =
            quantity.map { quantity in
                values.indices.filter { row in
                    let value = values[row]
                    guard !value.isNaN else { return false }
                    return !quantity.range.contains(value) || (quantity.isWhole && value != value.rounded())
                }
            } ?? []
    }

    private static func isNoFiniteNumber(_ text: String) -> Bool {
        Double(text).map { !$0.isFinite } ?? false
    }
}
