import CryoIO
import Foundation

/// The record of a simulation, written as `dataset.json`: every parameter and what was measured.
public struct SimulationSummary: Sendable, Equatable, Codable {
    public struct State: Sendable, Equatable, Codable {
        public var name: String
        public var coordinate: Double
        public var atoms: Int
        public var particles: Int
        /// Map of the state, relative to the folder.
        public var map: String
    }

    public static let snrDefinition =
        "variance of the noise-free, CTF-modulated images over the whole box, averaged over images, "
        + "divided by the variance of the noise"

    public var settings: SimulationSettings
    /// How the structures came about.
    public var structures: [String: String]
    public var states: [State]
    /// The table that CTFs were drawn from; nil if they come from `settings.ctf`.
    public var ctfTable: String?
    /// Standard deviation of an atom's Gaussian, Angstrom.
    public var sigma: Double
    public var sigmaDefinition = "resolution / (pi sqrt 2), as Chimera's molmap; 10/3 pixels unless given"
    public var scale: SignalScale
    public var snrDefinition = SimulationSummary.snrDefinition
    /// Mean over the written images of the variance of the noise-free image.
    public var signalVariance: Double
    /// Standard deviation over images of that variance.
    public var signalVarianceSpread: Double
    /// 1; 0 without noise.
    public var noiseVariance: Double
    /// `signalVariance / noiseVariance`; nil without noise.
    public var measuredSNR: Double?
    /// Share of the box inside the mask at half height.
    public var maskFraction: Double
    /// Largest distance of an atom from the box centre, Angstrom.
    public var reach: Double
    public var warnings: [String]
    public var seconds: Double

    /// - Throws: `DataError` if the file cannot be written.
    public func write(to path: String) throws(DataError) { try AtomicFile.write(json: self, to: path) }
}
