import CryoEM

/// What one simulated image is, and what the written metadata say about it.
public struct SimulatedParticle: Sendable, Equatable {
    /// 0-based place in the stack.
    public var index: Int
    public var state: Int
    /// The orientation the image was made at.
    public var angles: EulerAngles
    /// The matrix of `angles`.
    public var rotation: Rotation
    /// Displacement of the content along x and y, pixels: minus RELION's origin.
    public var shift: SIMD2<Double>
    public var ctf: CTFParameters
    /// 0-based.
    public var micrograph: Int
    /// The orientation the STAR file gives.
    public var statedAngles: EulerAngles
    /// The displacement the STAR file gives, as its origin with the other sign.
    public var statedShift: SIMD2<Double>
    /// Factor of the noise-free image.
    public var scale = 1.0
}
