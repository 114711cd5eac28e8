import Foundation

/// A motion of a rigid body: x goes to rotation · x + translation. Coordinates are those of the maps,
/// Angstrom.
public struct RigidTransform: Sendable, Equatable, Codable {
    public var rotation: Rotation
    /// Angstrom.
    public var translation: SIMD3<Double>

    public init(rotation: Rotation, translation: SIMD3<Double>) {
        (self.rotation, self.translation) = (rotation, translation)
    }

    public static let identity = RigidTransform(rotation: .identity, translation: .zero)

    /// The rotation about a point, followed by a displacement.
    public init(rotation: Rotation, about centre: SIMD3<Double>, displacement: SIMD3<Double> = .zero) {
        self.init(rotation: rotation, translation: centre - rotation * centre + displacement)
    }

    public static func * (a: RigidTransform, x: SIMD3<Double>) -> SIMD3<Double> {
        a.rotation * x + a.translation
    }

    /// The motion that does `b` first and `a` second.
    public static func * (a: RigidTransform, b: RigidTransform) -> RigidTransform {
        RigidTransform(rotation: a.rotation * b.rotation, translation: a * b.translation)
    }

    public var inverse: RigidTransform {
        let back = rotation.inverse
        return RigidTransform(rotation: back, translation: -(back * translation))
    }
}

/// A rigid motion as a turn about an axis and a slide along it (Chasles).
public struct ScrewAxis: Sendable, Equatable, Codable {
    /// Degrees, 0...180, right-handed about `direction`.
    public let angle: Double
    /// Unit vector; along the displacement where nothing turns.
    public let direction: SIMD3<Double>
    /// The point of the axis nearest to the body's centre, Angstrom; nil where nothing turns.
    public let point: SIMD3<Double>?
    /// Slide along `direction`, Angstrom.
    public let slide: Double

    /// Below this angle in degrees a motion is a displacement without an axis: an error of the fit would move
    /// the axis anywhere.
    public static let leastAngle = 0.2

    /// - Parameter centre: of the body, Angstrom.
    public init(_ motion: RigidTransform, centre: SIMD3<Double>) {
        let turn = motion.rotation.angle(to: .identity)
        let displacement = motion * centre - centre
        let length = dot(displacement, displacement).squareRoot()
        angle = turn
        guard turn >= Self.leastAngle else {
            direction = length > 0 ? displacement / length : SIMD3(0, 0, 1)
            (point, slide) = (nil, length)
            return
        }
        let axis = Self.axis(motion.rotation)
        let along = dot(displacement, axis)
        let across = displacement - along * axis
        let half = tan(turn * .pi / 360)
        (direction, slide) = (axis, along)
        point = centre + (across + Self.cross(axis, across) / half) / 2
    }

    /// The unit vector that a rotation leaves as it is, so directed that the angle is positive.
    private static func axis(_ r: Rotation) -> SIMD3<Double> {
        let skew = SIMD3(r.row2.y - r.row1.z, r.row0.z - r.row2.x, r.row1.x - r.row0.y)
        let length = dot(skew, skew).squareRoot()
        if length > 1e-3 { return skew / length }
        // About 180 degrees the antisymmetric part vanishes; a column of R + 1 is along the axis.
        let columns = [
            SIMD3(r.row0.x + 1, r.row1.x, r.row2.x), SIMD3(r.row0.y, r.row1.y + 1, r.row2.y),
            SIMD3(r.row0.z, r.row1.z, r.row2.z + 1),
        ]
        let longest = columns.max { dot($0, $0) < dot($1, $1) } ?? SIMD3(0, 0, 1)
        let unit = longest / dot(longest, longest).squareRoot()
        return dot(unit, skew) < 0 ? -unit : unit
    }

    private static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
        SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    }
}
