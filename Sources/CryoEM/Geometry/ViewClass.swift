import Foundation

/// The paper's projection classes: 48 equal patches of view direction, blind to the in-plane angle.
///
/// Class = HEALPix nside 2, nested, at theta = tilt and phi = rot. (The paper's program uses phi = 180° -
/// rot; that is a mirror symmetry of the grid, so both make the same groups under other names.)
public enum ViewClass {
    public static let grid = HEALPix(nside: 2)
    public static var count: Int { grid.pixelCount }

    /// The class, 0..<48, of an orientation.
    public static func index(_ angles: EulerAngles) -> Int {
        index(direction: angles.viewDirection)
    }

    /// The class, 0..<48, of a view direction.
    public static func index(direction d: SIMD3<Double>) -> Int {
        grid.nested(theta: atan2(hypot(d.x, d.y), d.z), phi: atan2(d.y, d.x))
    }
}
