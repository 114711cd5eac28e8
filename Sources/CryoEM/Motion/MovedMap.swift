import CryoIO

extension DensityMap {
    /// The map after a motion of all that is in it, in the same box; 0 where that comes from outside of the
    /// box. Interpolated linearly, as is good enough for masks.
    public func moved(by motion: RigidTransform) -> DensityMap {
        let sampler = LinearSampler(self)
        let back = motion.inverse
        let n = side
        var result = self
        for flat in values.indices {
            let voxel = SIMD3(Double(flat % n), Double(flat / n % n), Double(flat / (n * n)))
            result.values[flat] = Float(sampler.value(at: back * (origin + pixelSize * voxel)))
        }
        return result
    }
}
