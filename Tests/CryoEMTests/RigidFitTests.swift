import CryoIO
import Foundation
import Testing

@testable import CryoEM

/// A molecule of two lumpy domains of Gaussian beads; the second can be moved as a rigid body.
private struct TwoDomains {
    static let side = 48
    static let pixelSize = 3.0
    private static let stream = RandomStream(rawValue: 901)

    /// Evenly in a ball of 18 A.
    static func beads(_ centre: SIMD3<Double>, item: Int, count: Int = 60) -> [SIMD3<Double>] {
        var generator = CounterRandom(seed: 3).generator(stream, item: item)
        var beads: [SIMD3<Double>] = []
        while beads.count < count {
            let v = (0..<3).map { _ in Double.random(in: -18...18, using: &generator) }
            let offset = SIMD3(v[0], v[1], v[2])
            if (offset * offset).sum() < 18 * 18 { beads.append(centre + offset) }
        }
        return beads
    }

    static let held = beads(SIMD3(-30, 2, 0), item: 1)
    static let moving = beads(SIMD3(26, -4, 5), item: 2)

    /// Coordinates are measured from voxel (0, 0, 0).
    static func map(_ beads: [SIMD3<Double>], width: Double = 5) -> DensityMap {
        var values = [Float](repeating: 0, count: side * side * side)
        let middle = Double(side / 2)
        for bead in beads {
            let at = bead / pixelSize + middle
            let reach = Int(3 * width / pixelSize) + 1
            for z in max(0, Int(at.z) - reach)...min(side - 1, Int(at.z) + reach) {
                for y in max(0, Int(at.y) - reach)...min(side - 1, Int(at.y) + reach) {
                    for x in max(0, Int(at.x) - reach)...min(side - 1, Int(at.x) + reach) {
                        let d = (SIMD3(Double(x), Double(y), Double(z)) - at) * pixelSize / width
                        values[(z * side + y) * side + x] += Float(exp(-(d * d).sum() / 2))
                    }
                }
            }
        }
        return DensityMap(cube: values, side: side, pixelSize: pixelSize)
    }

    static func mask(_ beads: [SIMD3<Double>]) throws -> DensityMap {
        try SolventMask(of: map(beads), threshold: 0.3, extend: 2, edge: 3).map
    }

    /// A point of the beads' coordinates in those of the maps.
    static func place(_ point: SIMD3<Double>) -> SIMD3<Double> { point + Double(side / 2) * pixelSize }
}

@Suite struct RigidFitTests {
    @Test(arguments: [
        (4.0, SIMD3(0.0, 0, 1), SIMD3(2.0, -1, 0)), (25.0, SIMD3(0.3, -1, 0.5), SIMD3(0.0, 12, -8)),
        (50.0, SIMD3(0.0, 1, 0.2), SIMD3(3.0, 0, 3)),
    ])
    func aMovedDomainIsFound(
        _ degrees: Double, _ axis: SIMD3<Double>, _ shift: SIMD3<Double>
    ) throws {
        typealias Set = TwoDomains
        let centre = SIMD3(26.0, -4, 5)
        let truth = RigidTransform(
            rotation: Rotation(degrees: degrees, about: axis), about: centre, displacement: shift)
        let base = Set.map(Set.held + Set.moving)
        let other = Set.map(Set.held + Set.moving.map { truth * $0 })
        let filtered = try FilteredMap(base)
        let domain = try FilteredDomain(filtered, mask: try Set.mask(Set.moving))
        let fit = RigidFit(domain, in: try FilteredMap(other))
        #expect(fit.motion.rotation.angle(to: truth.rotation) < 0.5)
        let moved = fit.motion * Set.place(centre) - Set.place(truth * centre)
        #expect((moved * moved).sum().squareRoot() < 0.15)
        #expect(fit.correlation > 0.99)
        let still = try FilteredDomain(filtered, mask: try Set.mask(Set.held))
        let rest = RigidFit(still, in: try FilteredMap(other))
        #expect(rest.motion.rotation.angle(to: .identity) < 0.5)
    }

    /// A heavy linker inside the domain's mask, a fifth of its mass, that stays where it is holds the domain back;
    /// less when points that fit badly lose their weight.
    @Test func aLinkerThatStaysCountsLess() throws {
        typealias Set = TwoDomains
        let centre = SIMD3(26.0, -4, 5)
        let truth = RigidTransform(
            rotation: Rotation(degrees: 15, about: SIMD3(0, 1, 1)), about: centre,
            displacement: SIMD3(3, 9, -4))
        let linker = (0..<12).map { SIMD3(-4 + 2 * Double($0), 0, 2) }
        let base = Set.map(Set.held + linker + Set.moving)
        let other = Set.map(Set.held + linker + Set.moving.map { truth * $0 })
        let domain = try FilteredDomain(try FilteredMap(base), mask: try Set.mask(Set.moving))
        func miss(_ settings: RigidFit.Settings) throws -> (angle: Double, length: Double) {
            let motion = RigidFit(domain, in: try FilteredMap(other), settings: settings).motion
            let off = motion * Set.place(centre) - Set.place(truth * centre)
            return (motion.rotation.angle(to: truth.rotation), (off * off).sum().squareRoot())
        }
        var plain = RigidFit.Settings()
        plain.limits = []
        let (robust, all) = (try miss(RigidFit.Settings()), try miss(plain))
        #expect(robust.angle < 0.8 * all.angle && robust.length < 0.6 * all.length, "\(all) \(robust)")
    }

    @Test func aMovedMapHasItsContentsWhereTheMotionTakesThem() {
        typealias Set = TwoDomains
        let motion = RigidTransform(
            rotation: Rotation(degrees: 30, about: SIMD3(1, 2, 0)), about: Set.place(SIMD3(26, -4, 5)),
            displacement: SIMD3(4, -7, 2))
        let beads = Set.moving.map { motion * Set.place($0) - Set.place(.zero) }
        let (moved, wanted) = (Set.map(Set.moving).moved(by: motion), Set.map(beads))
        var sums = FitSums()
        for i in wanted.values.indices { sums.add(Double(wanted.values[i]), Double(moved.values[i]), 1) }
        #expect(sums.correlation > 0.99, "\(sums.correlation)")
        #expect(moved.origin == wanted.origin && moved.size == wanted.size)
    }

    @Test func aScrewIsTakenApart() {
        let direction = SIMD3(1.0, 2, -2) / 3
        let point = SIMD3(10.0, -3, 4)
        let turn = Rotation(degrees: 33, about: direction)
        let motion = RigidTransform(rotation: turn, about: point, displacement: 5 * direction)
        let centre = point + SIMD3(20.0, 5, 1)
        let screw = ScrewAxis(motion, centre: centre)
        #expect(abs(screw.angle - 33) < 1e-9 && abs(screw.slide - 5) < 1e-9)
        #expect(((screw.direction - direction) * (screw.direction - direction)).sum() < 1e-18)
        // The point lies on the axis, where the motion only slides, at the foot of the centre.
        guard let foot = screw.point else { return #expect(Bool(false), "no point") }
        let slid = motion * foot - foot - 5 * direction
        #expect((slid * slid).sum() < 1e-18)
        #expect(abs(((centre - foot) * direction).sum()) < 1e-9)
        let half = ScrewAxis(
            RigidTransform(rotation: Rotation(degrees: 180, about: direction), about: point), centre: centre)
        #expect(abs(abs((half.direction * direction).sum()) - 1) < 1e-9 && abs(half.angle - 180) < 1e-6)
        let shift = ScrewAxis(
            RigidTransform(rotation: .identity, translation: SIMD3(0, 3, 4)), centre: centre)
        #expect(shift.point == nil && shift.slide == 5 && shift.direction == SIMD3(0, 0.6, 0.8))
    }

    @Test func motionsComposeAndInvert() {
        let a = RigidTransform(
            rotation: Rotation(degrees: 20, about: SIMD3(1, 0, 1)), translation: SIMD3(1, 2, 3))
        let b = RigidTransform(
            rotation: Rotation(degrees: -70, about: SIMD3(0, 2, 1)), translation: SIMD3(-4, 0, 1))
        let x = SIMD3(3.0, -1, 7)
        let both = (a * b) * x - a * (b * x)
        let back = a.inverse * (a * x) - x
        #expect((both * both).sum() < 1e-20 && (back * back).sum() < 1e-20)
    }

    @Test func aMaskWithNothingInItIsRefused() throws {
        let base = TwoDomains.map(TwoDomains.held)
        let empty = DensityMap(
            cube: [Float](repeating: 0, count: base.values.count), side: base.side, pixelSize: base.pixelSize)
        #expect(throws: DataError.self) { try DomainTemplate(base, mask: empty) }
        let flat = DensityMap(
            cube: [Float](repeating: 1, count: base.values.count), side: base.side, pixelSize: base.pixelSize)
        #expect(throws: DataError.self) { try DomainTemplate(flat, mask: flat) }
    }
}
