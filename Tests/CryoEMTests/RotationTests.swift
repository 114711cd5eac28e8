import Foundation
import TestSupport
import Testing

@testable import CryoEM

@Suite struct RotationTests {
    static let angles: [EulerAngles] = {
        var random = SeededGenerator(seed: 1)
        return (0..<200).map { _ in
            EulerAngles(
                rot: random.uniform(-180, 180), tilt: random.uniform(0, 180), psi: random.uniform(-180, 180))
        }
    }()

    /// Rotations about fixed axes composed from the definition.
    private func product(_ a: EulerAngles) -> Rotation {
        func z(_ degrees: Double) -> Rotation {
            let (c, s) = (cos(radians(degrees)), sin(radians(degrees)))
            return Rotation([c, s, 0], [-s, c, 0], [0, 0, 1])
        }
        let (c, s) = (cos(radians(a.tilt)), sin(radians(a.tilt)))
        return z(a.psi) * Rotation([c, 0, -s], [0, 1, 0], [s, 0, c]) * z(a.rot)
    }

    @Test func eulerZYZIsZPsiTimesYTiltTimesZRot() {
        for a in Self.angles { #expect(Rotation(a).isClose(product(a), 1e-14)) }
    }

    @Test func handRotOf90TurnsXOfTheVolumeToMinusYOfTheImage() {
        let image = Rotation(EulerAngles(rot: 90, tilt: 0, psi: 0)) * SIMD3(1, 0, 0)
        #expect(dot(image - SIMD3(0, -1, 0), image - SIMD3(0, -1, 0)) < 1e-28)
    }

    @Test func tiltOf90LooksAlongXAndShowsZAsMinusX() {
        let r = Rotation(EulerAngles(rot: 0, tilt: 90, psi: 0))
        let view = r.viewDirection - SIMD3(1, 0, 0), z = r * SIMD3(0, 0, 1) - SIMD3(-1, 0, 0)
        #expect(dot(view, view) < 1e-28)
        #expect(dot(z, z) < 1e-28)
    }

    @Test func viewDirectionIsTheThirdRow() {
        for a in Self.angles {
            let difference = a.viewDirection - Rotation(a).row2
            #expect(dot(difference, difference) < 1e-28)
        }
    }

    @Test func anglesOfAMatrixGiveTheMatrixBack() {
        for a in Self.angles {
            let back = EulerAngles(Rotation(a))
            #expect(Rotation(back).isClose(Rotation(a), 1e-12))
            #expect(abs(back.tilt - a.tilt) < 1e-9)
        }
        for tilt in [0.0, 180.0] {
            for psi in stride(from: -170.0, through: 170, by: 20) {
                let r = Rotation(EulerAngles(rot: 25, tilt: tilt, psi: psi))
                #expect(Rotation(EulerAngles(r)).isClose(r, 1e-12))
            }
        }
    }

    @Test func rotationsFormAGroup() {
        for (a, b) in zip(Self.angles, Self.angles.dropFirst()) {
            let (ra, rb) = (Rotation(a), Rotation(b))
            #expect((ra * ra.inverse).isClose(.identity, 1e-13))
            #expect((ra * rb).inverse.isClose(rb.inverse * ra.inverse, 1e-13))
            let v = SIMD3(0.3, -2, 5)
            let difference = (ra * rb) * v - ra * (rb * v)
            #expect(dot(difference, difference) < 1e-24)
        }
    }

    @Test func angleBetweenRotationsIsTheAngleOfTheTurn() {
        for (k, a) in Self.angles.enumerated() {
            let r = Rotation(a)
            for turn in [0, 1e-6, 0.5, 90, 180 - 1e-4] {
                let axis = SIMD3(cos(Double(k)), sin(Double(k)), 0.3)
                #expect(abs(r.angle(to: Rotation(degrees: turn, about: axis) * r) - turn) < 1e-5)
            }
        }
    }

    @Test func uniformNumbersGiveUniformRotations() {
        var random = SeededGenerator(seed: 5)
        let count = 4000
        var mean = (SIMD3<Double>.zero, SIMD3<Double>.zero, SIMD3<Double>.zero), square = 0.0
        for _ in 0..<count {
            let r = Rotation(uniform: random.uniform(), random.uniform(), random.uniform())
            #expect((r * r.inverse).isClose(.identity, 1e-12))
            #expect(abs(dot(cross(r.row0, r.row1), r.row2) - 1) < 1e-12)
            mean = (mean.0 + r.row0, mean.1 + r.row1, mean.2 + r.row2)
            square += r.row2.z * r.row2.z + r.row0.x * r.row0.x
        }
        let all = [mean.0, mean.1, mean.2].flatMap { [$0.x, $0.y, $0.z] }
        // Each element has mean 0 and mean square 1/3.
        #expect(all.allSatisfy { abs($0) / Double(count) < 4 * (1 / 3.0 / Double(count)).squareRoot() })
        #expect(abs(square / Double(2 * count) - 1 / 3.0) < 0.02)
    }

    @Test func localTiltsAreTheIdentityAndEightTiltsSymmetricAboutIt() {
        let tilts = Rotation.localTilts(spacing: 1.5)
        #expect(tilts.count == 9)
        #expect(tilts[0] == .identity)
        let turns = tilts.dropFirst().map { $0.angle(to: .identity) }
        #expect(turns.filter { abs($0 - 1.5) < 1e-9 }.count == 4)
        #expect(turns.filter { abs($0 - 1.5 * 2.0.squareRoot()) < 1e-9 }.count == 4)
        for t in tilts { #expect(tilts.contains { $0.isClose(t.inverse, 1e-12) }) }
        let sum = tilts.map(\.row2).reduce(.zero, +)
        #expect(abs(sum.x) < 1e-12 && abs(sum.y) < 1e-12)
    }
}

extension Rotation {
    func isClose(_ other: Rotation, _ tolerance: Double) -> Bool {
        [row0 - other.row0, row1 - other.row1, row2 - other.row2].allSatisfy {
            dot($0, $0).squareRoot() <= tolerance
        }
    }
}

func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}
