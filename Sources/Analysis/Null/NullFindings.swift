import CryoIO
import Foundation

/// `null.json`: how far the spread of a run's codes exceeds that of its homogeneous twin.
public struct NullFindings: Codable, Sendable, Equatable {
    /// One principal component of the run's codes.
    public struct Component: Codable, Sendable, Equatable {
        /// From 1, as with `dsd decode --component`.
        public var component: Int
        /// Spread of the codes along it: geometric mean of widths between percentiles, as the standard
        /// deviation of a normal distribution of those widths; of the run's images and of the twins'
        /// (geometric mean).
        public var spread: Double
        public var twinSpread: Double
        /// Spread over the twins'.
        public var ratio: Double
        /// Difference of the logarithms of the spreads, in standard deviations of the twins.
        public var score: Double
        public var isReal: Bool
    }

    /// One cluster of the run's codes.
    public struct Cluster: Codable, Sendable, Equatable {
        public var cluster: Int
        /// Share of the compared images in it, and of the twins' images, with the standard deviation over
        /// twins.
        public var share: Double
        public var twinShare: Double
        public var twinShareDeviation: Double
        /// Mahalanobis distance of its centre from the middle of the twins' codes, by their covariance.
        public var distance: Double
        /// Share of its images farther from the twins' middle than 95 % of the twins' codes; 0.05 by chance.
        public var outside: Double
    }

    public var run: String
    /// Images compared, and whether they were kept out of training.
    public var images: Int
    public var areHeldOut: Bool
    public var replicas: Int
    /// Factor on the consensus in the twin.
    public var scale: Double
    public var components: [Component]
    public var clusters: [Cluster]
    /// Likewise for all codes: the share outside what 95 % of the twins' codes have.
    public var outside: Double
    /// A twin trained like the run, where there is one.
    public var trained: TrainedTwin?
    public var isHeterogeneous: Bool
    /// Images that the encoder has learned from; nil where the run does not tell.
    public var trainedImages: Int?
    /// Nothing was found, and the training was too short to say that there is nothing.
    public var isTooShort = false
    public var leastScore = NullSettings.leastScore
    public var leastRatio = NullSettings.leastRatio

    /// The verdict in a sentence.
    public var verdict: String {
        let real = components.filter(\.isReal).map { "\($0.component)" }
        if isTooShort, let trainedImages {
            return "undecided: no component spreads more than in homogeneous twins, but the training was too "
                + "short to tell (\(trainedImages) images seen, \(NullSettings.leastTraining) wanted)"
        }
        guard isHeterogeneous else {
            return "no heterogeneity: no component spreads more than in homogeneous twins"
        }
        return "heterogeneity: component\(real.count == 1 ? "" : "s") \(real.joined(separator: ", ")) "
            + "spread\(real.count == 1 ? "s" : "") more than in homogeneous twins"
    }

    public func write(to path: String) throws { try AtomicFile.write(json: self, to: path) }
}
