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
        /// Fall-off of the reconstruction's amplitudes, A^2; nil where 8 A are not reached.
        public var bFactor: Double?
        /// Angstrom up to which decoded map and reconstruction agree at FSC 0.5.
        public var mutualResolution: Double?
        /// Root mean square difference of decoded map and consensus, as a share of the consensus'.
        public var difference: Double?
        /// Mean uncertainty of its codes, in standard deviations of all codes.
        public var uncertainty: Double?
        /// What views, defoci and micrographs say about it.
        public var biases: [Occupancy.Bias]
        /// Particles of each view class.
        public var viewClasses: [Int]
        public var star: String
        public var decoded: String
        public var reconstruction: String?
        public var halfMaps: [String]?
        public var curve: String?
        /// Decoded map less consensus.
        public var differenceMap: String?
        /// Why something is missing.
        public var note: String?
    }

    /// A way through the latent space.
    public struct Path: Codable, Sendable, Equatable {
        /// Clusters at its ends.
        public var from: Int
        public var to: Int
        /// Particles it passes; nil where no chain of neighbours joins the ends.
        public var particles: Int?
        public var folder: String?
    }

    /// Free energy along one principal component.
    public struct Energy: Codable, Sendable, Equatable {
        /// From 1.
        public var component: Int
        /// Places of the minima, deepest first, and their energies in kT.
        public var minima: [Double]
        public var energies: [Double]
        public var file: String
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
    /// Gaussian mixtures tried, and the number of components of lowest BIC.
    public var mixtures: [MixtureTables.Trial]?
    public var mixtureComponents: Int?
    /// Particles that lie far from all others.
    public var outliers: Int?
    /// The path between two clusters.
    public var path: Path?
    /// Free energies along chosen components.
    public var energies: [Energy]?
    public var clusters: [Cluster]

    func write(to path: String) throws { try AtomicFile.write(json: self, to: path) }
}
