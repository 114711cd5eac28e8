import CryoIO
import Foundation

/// `analysis.json`: what an analysis found, for programs. Paths are relative to the run's folder.
public struct AnalysisSummary: Codable, Sendable, Equatable {
    public struct Cluster: Codable, Sendable, Equatable {
        /// From 0, as in `labels.npy`.
        public var cluster: Int
        public var particles: Int
        /// Of all particles, 0...1.
        public var share: Double
        /// Row of the particle whose code stands for the cluster, from 1 as rows of the particle file are.
        public var centreRow: Int
        /// Particles of each half set.
        public var halves: [Int]
        /// Angstrom at FSC 0.143 between half maps inside the mask, freed of the mask's effect.
        public var resolution: Double?
        /// The same at FSC 0.5.
        public var resolutionAtHalf: Double?
        /// Particles of each view class.
        public var viewClasses: [Int]
        public var star: String
        public var decoded: String
        public var reconstruction: String?
        public var halfMaps: [String]?
        public var curve: String?
        /// Why something is missing.
        public var note: String?
    }

    public var particles: Int
    public var latentSize: Int
    public var settings: AnalysisSettings
    /// Share of the variance along each principal component.
    public var explainedVariance: [Double]
    /// Sum of squared distances to the cluster means.
    public var inertia: Double
    /// Normalised mutual information of clusters and view classes: near 0 where clusters are not views.
    public var viewInformation: Double
    /// Path of the UMAP layout.
    public var embedding: String?
    public var clusters: [Cluster]

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(text: String(decoding: try encoder.encode(self), as: UTF8.self) + "\n", to: path)
    }
}
