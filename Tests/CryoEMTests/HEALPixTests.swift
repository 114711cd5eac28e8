import Foundation
import TestSupport
import Testing

@testable import CryoEM

@Suite struct HEALPixTests {
    struct Case: Decodable {
        let nside: Int
        let theta, phi: [Double]
        let nested, ring, pixels: [Int]
        let pixelTheta, pixelPhi: [Double]
        let ringOfNested, nestedOfRing: [Int]
    }

    @Test func pixelsAndCentresEqualHealpy() throws {
        for golden in try Golden.load("healpix.json", as: [Case].self) {
            let grid = HEALPix(nside: golden.nside)
            for k in golden.theta.indices {
                let (theta, phi) = (golden.theta[k], golden.phi[k])
                // At 2^29 a pixel is 1e-9 wide and the phi of a pole or a border is a matter of the last bit.
                if golden.nside == 1 << 29 && k < 8 { continue }
                #expect(
                    grid.nested(theta: theta, phi: phi) == golden.nested[k],
                    "nside \(golden.nside), \(theta) \(phi)")
                #expect(
                    grid.ring(theta: theta, phi: phi) == golden.ring[k],
                    "nside \(golden.nside), \(theta) \(phi)")
            }
            for k in golden.pixels.indices {
                let centre = grid.direction(nested: golden.pixels[k])
                #expect(abs(centre.theta - golden.pixelTheta[k]) < 1e-12)
                #expect(abs(centre.phi - golden.pixelPhi[k]) < 1e-12)
                #expect(grid.ring(nested: golden.pixels[k]) == golden.ringOfNested[k])
                #expect(grid.nested(ring: golden.pixels[k]) == golden.nestedOfRing[k])
            }
        }
    }

    @Test func everyPixelContainsItsCentre() {
        for nside in [1, 2, 4, 8, 16] {
            let grid = HEALPix(nside: nside)
            #expect(grid.pixelCount == 12 * nside * nside)
            for pixel in 0..<grid.pixelCount {
                let centre = grid.direction(nested: pixel)
                #expect(grid.nested(theta: centre.theta, phi: centre.phi) == pixel)
                let ring = grid.direction(ring: pixel)
                #expect(grid.ring(theta: ring.theta, phi: ring.phi) == pixel)
            }
        }
    }

    @Test func viewClassIsThePixelOfTiltAndRotWhateverPsi() {
        #expect(ViewClass.count == 48)
        for a in RotationTests.angles {
            let wanted = HEALPix(nside: 2).nested(theta: radians(a.tilt), phi: radians(a.rot))
            #expect(ViewClass.index(a) == wanted)
            #expect(ViewClass.index(EulerAngles(rot: a.rot, tilt: a.tilt, psi: 12)) == wanted)
            #expect(ViewClass.index(direction: Rotation(a).viewDirection) == wanted)
        }
    }

    @Test func phiOf180MinusRotMakesTheSameGroupsOfViews() {
        var names: [Int: Set<Int>] = [:]
        var random = SeededGenerator(seed: 9)
        for _ in 0..<3000 {
            let (theta, phi) = (acos(random.uniform(-1, 1)), random.uniform(-Double.pi, .pi))
            names[ViewClass.grid.nested(theta: theta, phi: phi), default: []]
                .insert(ViewClass.grid.nested(theta: theta, phi: .pi - phi))
        }
        #expect(names.count == 48)
        #expect(names.values.allSatisfy { $0.count == 1 })
        #expect(Set(names.values.flatMap { $0 }).count == 48)
    }
}
