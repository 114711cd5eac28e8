/// A reconstructed state: the particles of a cluster and the map at its centre.
public struct StructuralState: Sendable {
    public var name: String
    /// Category number in the cluster colouring; gives the card the colour of its points.
    public var category: Int
    public var count: Int
    /// Share of all particles, 0...1.
    public var share: Double
    /// Resolution in Angstrom.
    public var resolution: Double?
    /// What the resolution is measured by: "FSC = 0.143 between half maps".
    public var resolutionCriterion: String?
    /// The three central orthogonal slices.
    public var slices: [GrayscaleImage]
    public var projections: [GrayscaleImage]
    /// Slices of the decoded map less the consensus.
    public var differences: [GrayscaleImage] = []
    public var fsc: [FSCCurve]
    /// Maps to draw surfaces of.
    public var volumes: [ReportVolume] = []
    /// Path of the map, relative to the folder of the report.
    public var mapPath: String?

    public init(
        name: String, category: Int, count: Int, share: Double, resolution: Double? = nil,
        resolutionCriterion: String? = nil, slices: [GrayscaleImage] = [],
        projections: [GrayscaleImage] = [], fsc: [FSCCurve] = [], mapPath: String? = nil
    ) {
        self.name = name
        self.category = category
        self.count = count
        self.share = share
        self.resolution = resolution
        self.resolutionCriterion = resolutionCriterion
        self.slices = slices
        self.projections = projections
        self.fsc = fsc
        self.mapPath = mapPath
    }
}

/// A Fourier shell correlation curve.
public struct FSCCurve: Sendable {
    /// What is compared: "half maps", "map and truth".
    public var name: String
    /// Spatial frequency of each shell in 1/Angstrom, rising, `[shells]`.
    public var frequencies: [Double]
    /// `[shells]`, NaN where a shell has none.
    public var correlations: [Double]

    public init(name: String, frequencies: [Double], correlations: [Double]) {
        self.name = name
        self.frequencies = frequencies
        self.correlations = correlations
    }
}
