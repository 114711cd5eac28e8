import Foundation

extension Rotation {
    /// The rotation that belongs to three uniform numbers of 0..<1. Uniform numbers give uniform rotations
    /// (Shoemake, Graphics Gems III, 1992).
    public init(uniform u0: Double, _ u1: Double, _ u2: Double) {
        let (a, b) = ((1 - u0).squareRoot(), u0.squareRoot())
        let x = a * sin(2 * .pi * u1), y = a * cos(2 * .pi * u1)
        let z = b * sin(2 * .pi * u2), w = b * cos(2 * .pi * u2)
        self.init(
            SIMD3(1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
            SIMD3(2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
            SIMD3(2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)))
    }

    /// Mean spacing in degrees of the 12,288 pixels of a HEALPix grid with nside 32, the grid the paper's
    /// program takes its local search from.
    public static let localTiltSpacing = degrees((4 * Double.pi / 12288).squareRoot())

    /// Nine small rotations: the identity, then the eight other points of a 3 x 3 grid of tilts about the
    /// image's x and y axes, `spacing` degrees apart. The set is its own inverse, so a search over it has no
    /// preferred direction.
    ///
    /// A local tilt is applied after the pose: `localTilts()[k] * pose`.
    public static func localTilts(spacing: Double = localTiltSpacing) -> [Rotation] {
        let ring: [(Double, Double)] = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]
        return [.identity]
            + ring.map { x, y in
                Rotation(degrees: spacing * (x * x + y * y).squareRoot(), about: SIMD3(x, y, 0))
            }
    }
}
