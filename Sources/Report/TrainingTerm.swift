/// One term of the objective (or another quantity) over the epochs of a run; each has a plot of its own,
/// because terms differ by orders of magnitude.
public struct TrainingTerm: Sendable {
    /// Heading of the plot: "Total objective".
    public var name: String
    /// Unit of the values; nil when they have none.
    public var unit: String?
    public var curves: [Curve]
    /// Logarithmic vertical axis; values of zero and below are then not drawn.
    public var isLogarithmic: Bool

    public init(name: String, unit: String? = nil, curves: [Curve], isLogarithmic: Bool = false) {
        self.name = name
        self.unit = unit
        self.curves = curves
        self.isLogarithmic = isLogarithmic
    }

    /// Values at epochs. Values that are not finite leave a gap.
    public struct Curve: Sendable {
        /// "training", "validation" or any other name.
        public var name: String
        /// Validation curves are dashed and have the same colour in every plot.
        public var isValidation: Bool
        /// `[count]`
        public var epochs: [Double]
        /// `[count]`
        public var values: [Double]

        public init(name: String, isValidation: Bool = false, epochs: [Double], values: [Double]) {
            self.name = name
            self.isValidation = isValidation
            self.epochs = epochs
            self.values = values
        }
    }
}
