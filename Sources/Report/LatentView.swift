/// The latent means of a run in two dimensions, and what they can be coloured by.
public struct LatentView: Sendable {
    /// UMAP embedding, `[count]` points.
    public var umap: [SIMD2<Float>]?
    public var pca: PrincipalComponents?
    /// The first is shown when the report opens.
    public var colourings: [Colouring]

    public init(
        umap: [SIMD2<Float>]? = nil, pca: PrincipalComponents? = nil, colourings: [Colouring] = []
    ) {
        self.umap = umap
        self.pca = pca
        self.colourings = colourings
    }

    /// Number of particles; 0 when there are no points.
    var count: Int { umap?.count ?? pca?.components.first?.count ?? 0 }

    public struct PrincipalComponents: Sendable {
        /// `[component][count]`. The first three are shown.
        public var components: [[Float]]
        /// Share of the variance of each component, 0...1; empty when not known.
        public var explainedVariance: [Double]

        public init(components: [[Float]], explainedVariance: [Double] = []) {
            self.components = components
            self.explainedVariance = explainedVariance
        }
    }

    /// A property of the particles that colours the points.
    public struct Colouring: Sendable {
        public var name: String
        public var values: Values

        public enum Values: Sendable {
            /// A category number per particle, `[count]`, and the names of the categories. A number without a
            /// name (such as -1) means "none".
            case categories([Int], names: [String])
            /// A number per particle, `[count]`, NaN where there is none; unit such as "µm".
            case numbers([Float], unit: String?)
        }

        public init(name: String, values: Values) {
            self.name = name
            self.values = values
        }

        /// Clusters, true states, half sets.
        public static func categories(_ name: String, _ labels: [Int], names: [String]) -> Colouring {
            Colouring(name: name, values: .categories(labels, names: names))
        }

        /// Defocus, tilt, a coordinate.
        public static func numbers(_ name: String, _ numbers: [Float], unit: String? = nil) -> Colouring {
            Colouring(name: name, values: .numbers(numbers, unit: unit))
        }

        var count: Int {
            switch values {
            case .categories(let labels, names: _): labels.count
            case .numbers(let numbers, unit: _): numbers.count
            }
        }
    }
}
