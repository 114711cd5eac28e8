extension ParticleSet {
    /// The same particles with poses changed from those of the file. Images are prepared as without.
    public func changed(by changes: PoseChanges) -> ParticleSet {
        precondition(changes.count == count && self.changes == nil, "one change for every particle is wanted")
        var other = self
        other.angles = zip(angles, changes.turns).map { EulerAngles(Rotation(vector: $1) * $0.rotation) }
        other.changes = changes
        return other
    }

    /// `origins` with what refined poses add to them, Angstrom.
    public var refinedOrigins: [SIMD2<Double>] {
        changes.map { zip(origins, $0.shifts).map { $0 - $1 } } ?? origins
    }
}
