import Foundation

/// A proper rotation as a 3 x 3 matrix, stored by rows.
///
/// Coordinates are column vectors `(x, y, z)`; applied as a pose it takes volume coordinates to image
/// coordinates, and both are measured from index N/2 of their grids.
public struct Rotation: Sendable, Equatable, Codable {
    public var row0: SIMD3<Double>
    public var row1: SIMD3<Double>
    public var row2: SIMD3<Double>

    public init(_ row0: SIMD3<Double>, _ row1: SIMD3<Double>, _ row2: SIMD3<Double>) {
        self.row0 = row0
        self.row1 = row1
        self.row2 = row2
    }

    public static let identity = Rotation([1, 0, 0], [0, 1, 0], [0, 0, 1])

    /// RELION's matrix `Zr(psi) · Yr(tilt) · Zr(rot)`.
    public init(_ angles: EulerAngles) {
        let (a, b, g) = (radians(angles.rot), radians(angles.tilt), radians(angles.psi))
        let (ca, sa, cb, sb, cg, sg) = (cos(a), sin(a), cos(b), sin(b), cos(g), sin(g))
        row0 = SIMD3(cg * cb * ca - sg * sa, cg * cb * sa + sg * ca, -cg * sb)
        row1 = SIMD3(-sg * cb * ca - cg * sa, -sg * cb * sa + cg * ca, sg * sb)
        row2 = SIMD3(sb * ca, sb * sa, cb)
    }

    /// The ordinary (active, right-handed) rotation by `degrees` about `axis`, which need not have length 1.
    public init(degrees angle: Double, about axis: SIMD3<Double>) {
        let length = dot(axis, axis).squareRoot()
        guard length > 0 else {
            self = .identity
            return
        }
        let u = axis / length
        let (c, s) = (cos(radians(angle)), sin(radians(angle)))
        let t = 1 - c
        row0 = SIMD3(c + t * u.x * u.x, t * u.x * u.y - s * u.z, t * u.x * u.z + s * u.y)
        row1 = SIMD3(t * u.x * u.y + s * u.z, c + t * u.y * u.y, t * u.y * u.z - s * u.x)
        row2 = SIMD3(t * u.x * u.z - s * u.y, t * u.y * u.z + s * u.x, c + t * u.z * u.z)
    }

    /// The rotation by a vector's length in radians about its direction (Rodrigues), as cryoSPARC keeps
    /// poses.
    public init(vector: SIMD3<Double>) {
        self.init(degrees: CryoEM.degrees(dot(vector, vector).squareRoot()), about: vector)
    }

    /// The matrix of nine row-major values, as given; nothing is orthogonalised.
    public init(rowMajor m: [Double]) {
        precondition(m.count == 9, "a rotation has nine values")
        self.init(SIMD3(m[0], m[1], m[2]), SIMD3(m[3], m[4], m[5]), SIMD3(m[6], m[7], m[8]))
    }

    /// Nine values, row by row, as projector and reconstruction take them.
    public var rowMajor: [Float] {
        [row0.x, row0.y, row0.z, row1.x, row1.y, row1.z, row2.x, row2.y, row2.z].map(Float.init)
    }

    /// The inverse, which is the transpose.
    public var inverse: Rotation {
        Rotation(
            SIMD3(row0.x, row1.x, row2.x), SIMD3(row0.y, row1.y, row2.y), SIMD3(row0.z, row1.z, row2.z))
    }

    /// The rotation that applies `b` first and `a` second.
    public static func * (a: Rotation, b: Rotation) -> Rotation {
        func row(_ r: SIMD3<Double>) -> SIMD3<Double> { r.x * b.row0 + r.y * b.row1 + r.z * b.row2 }
        return Rotation(row(a.row0), row(a.row1), row(a.row2))
    }

    public static func * (a: Rotation, v: SIMD3<Double>) -> SIMD3<Double> {
        SIMD3(dot(a.row0, v), dot(a.row1, v), dot(a.row2, v))
    }

    /// The angle in degrees, 0...180, of the single rotation that takes `self` to `other`.
    public func angle(to other: Rotation) -> Double {
        // |A - B| in the Frobenius norm is 2 sqrt(2) sin(angle / 2): exact for small angles, where acos of a
        // trace is not.
        let d0 = row0 - other.row0, d1 = row1 - other.row1, d2 = row2 - other.row2
        let norm = (dot(d0, d0) + dot(d1, d1) + dot(d2, d2)).squareRoot()
        return degrees(2 * asin(min(1, norm / 8.0.squareRoot())))
    }

    /// The rotation vector of this rotation, what `init(vector:)` makes it from; for angles below 180 degrees.
    public var vector: SIMD3<Double> {
        let twice = SIMD3(row2.y - row1.z, row0.z - row2.x, row1.x - row0.y)
        let sine = dot(twice, twice).squareRoot() / 2
        let cosine = (row0.x + row1.y + row2.z - 1) / 2
        guard sine > 1e-12 else { return .zero }
        return twice * (atan2(sine, cosine) / (2 * sine))
    }

    /// The view direction: the volume direction that points along the image's z axis.
    public var viewDirection: SIMD3<Double> { row2 }
}

@inline(__always)
func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { (a * b).sum() }
