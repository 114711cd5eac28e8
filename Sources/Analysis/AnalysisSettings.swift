import CryoIO

/// What an analysis of latent codes does.
public struct AnalysisSettings: Sendable, Equatable, Codable {
    /// Clusters K of k-means.
    public var clusters = 8
    /// Whether the codes are laid out by UMAP.
    public var embeds = true
    /// Passes of UMAP over its graph; nil takes the usual number.
    public var embeddingPasses: Int?
    /// Principal components, from the first on, along which maps are decoded.
    public var components = 0
    /// Maps along each of them, from the 5th to the 95th percentile.
    public var mapsPerComponent = 10
    /// Seed of k-means and UMAP.
    public var seed: UInt64 = 0

    public init() {}

    /// Throws for settings that do not fit the codes.
    public func validate(particles: Int, latentSize: Int, file: String) throws(DataError) {
        guard clusters >= 1, clusters <= particles else {
            throw DataError(
                file: file, "the particles cannot be put into that many clusters", found: "\(clusters)",
                wanted: "1 to \(particles)", remedy: "Change --clusters.")
        }
        let most = min(latentSize, particles)
        guard (0...most).contains(components) else {
            throw DataError(
                file: file, "there are not that many principal components", found: "\(components)",
                wanted: "0 to \(most)", remedy: "Change --pc.")
        }
    }
}
