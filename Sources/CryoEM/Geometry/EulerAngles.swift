import Foundation

/// A RELION orientation: Euler angles about Z, Y, Z in degrees.
///
/// The matrix is `Rm = Zr(psi) · Yr(tilt) · Zr(rot)` (RELION's `Euler_angles2matrix`); it takes volume
/// coordinates to image coordinates, `x_img = Rm · X_vol`.
public struct EulerAngles: Sendable, Equatable, Codable {
    /// First rotation, about the volume's z axis, degrees (`rlnAngleRot`).
    public var rot: Double
    /// Second rotation, about the new y axis, degrees (`rlnAngleTilt`).
    public var tilt: Double
    /// In-plane rotation, about the viewing axis, degrees (`rlnAnglePsi`).
    public var psi: Double

    public init(rot: Double, tilt: Double, psi: Double) {
        self.rot = rot
        self.tilt = tilt
        self.psi = psi
    }

    /// The angles of a matrix: `tilt` in 0...180, `rot` and `psi` in -180...180. Where the view lies on the z
    /// axis only a sum or difference of `rot` and `psi` is defined; `rot` is then 0.
    public init(_ rotation: Rotation) {
        let m = rotation
        let sine = hypot(m.row2.x, m.row2.y)
        tilt = degrees(atan2(sine, m.row2.z))
        if sine > 1e-8 {
            rot = degrees(atan2(m.row2.y, m.row2.x))
            psi = degrees(atan2(m.row1.z, -m.row0.z))
        } else {
            rot = 0
            psi = degrees(m.row2.z > 0 ? atan2(m.row0.y, m.row0.x) : atan2(m.row1.x, m.row1.y))
        }
    }

    /// The rotation matrix.
    public var rotation: Rotation { Rotation(self) }

    /// The view direction in the volume: the third row of the matrix.
    public var viewDirection: SIMD3<Double> {
        let (r, t) = (radians(rot), radians(tilt))
        return SIMD3(sin(t) * cos(r), sin(t) * sin(r), cos(t))
    }
}

func radians(_ degrees: Double) -> Double { degrees * .pi / 180 }
func degrees(_ radians: Double) -> Double { radians * 180 / .pi }
