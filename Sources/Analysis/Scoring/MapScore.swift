import CryoEM

/// How well the maps of a cluster are the true map of the state that most of its particles have.
public struct MapScore: Sendable, Equatable, Codable {
    /// Agreement of one map with the true one inside the run's mask.
    public struct Agreement: Sendable, Equatable, Codable {
        /// Area under the shell correlation up to Nyquist, as a share of the perfect one.
        public let area: Double
        /// Angstrom at which the correlation falls below 0.5; nil where it is never above.
        public let resolution: Double?
        /// Degrees and Angstrom of the rigid motion that lays the true map best over this one: a map in the
        /// place of the true one has neither. The shift is that of the mask's weighted centre. Nil where
        /// nothing was fitted.
        public let turn: Double?
        public let shift: Double?

        init(_ fsc: FSC, turn: Double? = nil, shift: Double? = nil) {
            area = fsc.area
            let value = fsc.resolution(at: 0.5)
            resolution = value.isFinite ? value : nil
            (self.turn, self.shift) = (turn, shift)
        }
    }

    public let cluster: Int
    /// The state of most of its particles.
    public let state: Int
    public let particles: Int
    /// Share of its particles that have that state.
    public let purity: Double
    /// The decoder's map of the cluster.
    public let decoded: Agreement?
    /// The reconstruction from the cluster's particles.
    public let reconstruction: Agreement?
    /// What a map without any heterogeneity reaches: the mean of the true maps, weighted by their particles.
    public let mean: Agreement
    /// The run's consensus.
    public let consensus: Agreement?
}
