/// What a set with refined poses has beside them: prepared images know nothing of it.
public struct ImageChanges: Sendable, Equatable {
    /// How far along x and y prepared images are still to be moved, Angstrom.
    public let shifts: [SIMD2<Double>]
    /// What the particle's signal is multiplied by in each image.
    public let contrasts: [Double]
}

extension ParticleSet {
    /// The same particles with other poses. Images are prepared as without.
    ///
    /// - Parameters:
    ///   - turns: rotation vectors about the axes of the image, radians; each is applied after the stored
    ///     pose.
    ///   - shifts: where along x and y the particle is found in an image that its stored origin has brought
    ///     to the centre, Angstrom.
    ///   - contrasts: what the particle's signal is multiplied by.
    public func changed(
        turns: [SIMD3<Double>], shifts: [SIMD2<Double>], contrasts: [Double]
    ) -> ParticleSet {
        precondition(
            turns.count == count && shifts.count == count && contrasts.count == count,
            "a change for every particle is wanted")
        var other = self
        other.angles = zip(angles, turns).map { EulerAngles(Rotation(vector: $1) * $0.rotation) }
        other.changes = ImageChanges(shifts: shifts.map { SIMD2<Double>.zero - $0 }, contrasts: contrasts)
        return other
    }
}
