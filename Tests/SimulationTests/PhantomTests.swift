import CryoEM
import Foundation
import Testing

@testable import Simulation

@Suite struct PhantomTests {
    private func lobe(_ model: AtomModel, _ chain: String) -> [SIMD3<Double>] {
        zip(model.positions, model.residues).filter { $0.1.chain == chain }.map(\.0)
    }

    private func centre(_ points: [SIMD3<Double>]) -> SIMD3<Double> {
        points.reduce(.zero, +) / Double(points.count)
    }

    @Test func statesAreRigidMovesOfTwoLobesAgainstAStillBridge() throws {
        let phantom = DumbbellPhantom(beadsPerLobe: 150)
        let ensemble = try phantom.ensemble()
        #expect(ensemble.states.count == 8)
        #expect(ensemble.coordinates.first == 0 && ensemble.coordinates.last == 1)
        let rest = ensemble.states[0]
        #expect(rest.count == 2 * 150 + 84)
        for (state, size) in zip(ensemble.states, phantom.displacements()) {
            #expect(lobe(state, "B") == lobe(rest, "B"))
            for chain in ["L", "R"] {
                let (a, b) = (lobe(rest, chain), lobe(state, chain))
                for i in stride(from: 1, to: a.count, by: 17) {
                    #expect(abs((a[i] - a[0]).length - (b[i] - b[0]).length) < 1e-9)
                }
                // The turn is about the lobe's nominal centre, a few Angstrom from its centre of mass.
                #expect(abs((centre(b) - centre(a)).length - size.shift) < 5)
            }
        }
    }

    @Test func displacementsSpanThePapersRange() {
        let sizes = DumbbellPhantom().displacements()
        #expect(sizes[0] == .init(shift: 0, angle: 0))
        #expect(sizes.dropFirst().map(\.shift) == [5, 7.5, 10, 12.5, 15, 17.5, 20])
        #expect(sizes.dropFirst().map(\.angle).sorted() == [4, 7.5, 11, 14.5, 18, 21.5, 25])
        #expect(sizes.dropFirst().map(\.angle) != sizes.dropFirst().map(\.angle).sorted())
        #expect(DumbbellPhantom(states: 1).displacements().count == 1)
        #expect(DumbbellPhantom(states: 2, motion: 0.5).displacements()[1] == .init(shift: 6, angle: 12.5))
    }

    @Test func motionScalesEveryState() throws {
        let still = try DumbbellPhantom(states: 3, motion: 0, beadsPerLobe: 30).ensemble()
        for state in still.states {
            for (a, b) in zip(state.positions, still.states[0].positions) { #expect((a - b).length < 1e-9) }
        }
        let full = try DumbbellPhantom(states: 3, beadsPerLobe: 30).ensemble()
        #expect(full.states[0] == still.states[0])
        #expect(full.states[2] != still.states[2])
    }

    @Test func seedDecidesTheShape() throws {
        func states(_ seed: UInt64) throws -> [AtomModel] {
            try DumbbellPhantom(states: 2, seed: seed, beadsPerLobe: 30).ensemble().states
        }
        #expect(try states(1) == (try states(1)))
        #expect(try states(1) != (try states(2)))
    }

    @Test func beadsOfALobeDoNotTouchAndFitTheBox() throws {
        let model = try DumbbellPhantom(states: 1).ensemble().states[0]
        let beads = lobe(model, "L")
        #expect(beads.count == 1500)
        for i in stride(from: 0, to: beads.count, by: 50) {
            for j in beads.indices where j != i {
                #expect((beads[i] - beads[j]).length > 3.6 * 0.95 * 0.95)
            }
        }
        #expect(model.reach < 110)
        #expect(lobe(model, "L") != lobe(model, "R").map { SIMD3(-$0.x, $0.y, $0.z) })
    }

    @Test func badSettingsAreRefused() {
        for phantom in [
            DumbbellPhantom(states: 0), DumbbellPhantom(motion: .infinity), DumbbellPhantom(beadsPerLobe: 0),
        ] {
            let text = message { _ = try phantom.ensemble() }
            #expect(text?.contains("dumbbell") == true)
        }
    }
}
