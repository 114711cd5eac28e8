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
    /// Most components of the Gaussian mixtures tried; 0 leaves mixtures out.
    public var mixtureComponents = 12
    /// Principal components, from 1, along which free energies are estimated, of which the first two also
    /// span a plane; nil takes the first two there are.
    public var energyComponents: [Int]?
    /// Robust standard deviations of the local radius beyond which a particle is an outlier.
    public var outlierLimit = 4.0
    /// Whether outliers and the other particles are written as STAR files.
    public var writesOutliers = false
    /// Clusters at the ends of the path through the latent space; empty takes the two farthest apart.
    public var pathEnds: [Int] = []
    /// Maps along the path; 0 leaves it out.
    public var pathMaps = 10
    /// Seed of k-means, mixtures, permutations and UMAP.
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
        let energies = energyComponents ?? []
        guard energies.allSatisfy((1...max(1, most)).contains) else {
            throw DataError(
                file: file, "a free energy wants components that there are",
                found: energies.map(String.init).joined(separator: ","), wanted: "1 to \(most)",
                remedy: "Change --energy.")
        }
        guard pathEnds.isEmpty || (pathEnds.count == 2 && pathEnds.allSatisfy((0..<clusters).contains)) else {
            throw DataError(
                file: file, "a path wants two clusters",
                found: pathEnds.map(String.init).joined(separator: ","),
                wanted: "two of 0 to \(clusters - 1)",
                remedy: "Change --path.")
        }
        guard pathMaps == 0 || pathMaps >= 2, mixtureComponents >= 0, outlierLimit > 0 else {
            throw DataError(
                file: file, "a setting of the analysis is out of its range",
                found:
                    "\(pathMaps) maps of the path, \(mixtureComponents) mixture components, outliers beyond "
                    + "\(outlierLimit)",
                wanted: "0 or at least 2 maps, 0 or more components, a limit above 0",
                remedy: "Change --path-maps, --mixtures or --outlier-limit.")
        }
    }
}
