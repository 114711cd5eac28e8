import CryoEM
import CryoIO
import Foundation
import TestSupport
import Testing
import Torch

@testable import Simulation

@Suite struct FamilyTests {
    /// Two chains of ten atoms along x, 30 A apart.
    private func molecule() throws -> AtomModel {
        let positions = (0..<20).map { (index: Int) -> SIMD3<Double> in
            let start: Double = index < 10 ? -30 : 12
            return SIMD3<Double>(start + 2 * Double(index % 10), Double(index % 3), 0)
        }
        return try AtomModel(
            positions: positions, weights: Array(repeating: 1, count: 20),
            residues: (0..<20).map { .init(chain: $0 < 10 ? "A" : "B", number: $0) })
    }

    @Test func fullTurnClosesACircle() throws {
        let family = try Ensemble(try molecule(), along: try StateMove("B:rotate=360@z"), states: 8)
        #expect(family.states.count == 8)
        let positions = try #require(family.positions)
        for (state, place) in positions.enumerated() {
            let a = 2 * Double.pi * Double(state) / 8
            #expect(abs(place[0] - cos(a)) < 1e-12 && abs(place[1] - sin(a)) < 1e-12)
        }
        // A half turn about its centre turns chain B end to end.
        let (first, half) = (family.states[0], family.states[4])
        #expect((first.positions[10] - half.positions[19]).length < 3.1)
        #expect(first.positions[0] == half.positions[0])
    }

    @Test func openMoveIsWalkedFromEndToEnd() throws {
        let family = try Ensemble(
            try molecule(), along: try StateMove("B:shift=0,9,0"), states: 4, scale: 2)
        #expect(family.positions == [[0], [1.0 / 3], [2.0 / 3], [1]])
        let moved = family.states.map { $0.positions[10].y - family.states[0].positions[10].y }
        for (state, y) in moved.enumerated() { #expect(abs(y - 6 * Double(state)) < 1e-9) }
    }

    @Test func randomTurnsStayBelowTheirAngleAndApart() throws {
        let family = try Ensemble(
            try molecule(), random: try StateMove("B:rotate=40@any"), states: 60, seed: 1)
        let positions = try #require(family.positions)
        let lengths = positions.map { (place: [Double]) -> Double in
            SIMD3<Double>(place[0], place[1], place[2]).length
        }
        #expect(lengths.allSatisfy { $0 <= 1 + 1e-12 } && Set(lengths).count == 60)
        // Uniform in the ball: the mean length is 3/4.
        #expect(abs(lengths.reduce(0, +) / 60 - 0.75) < 0.08)
        // The part keeps its shape and turns by the length of its position.
        let whole = family.states[0].positions
        let a = (whole[10] - whole[19]).length
        for state in family.states {
            #expect(abs((state.positions[10] - state.positions[19]).length - a) < 1e-9)
        }
        let again = try Ensemble(
            try molecule(), random: try StateMove("B:rotate=40@any"), states: 60, seed: 1)
        #expect(again.states == family.states)
    }

    @Test func partsThatRunIntoTheRestAreDrawnAgain() throws {
        let far = try Overlap(of: try AtomSelection("B"), in: try molecule())
        #expect(far.share == 0)
        let near = try StateMove("B:shift=-42,0,0").applied(to: try molecule())
        #expect(try Overlap(of: try AtomSelection("B"), in: near).share == 1)
    }

    @Test func familiesThatCannotBeMadeAreNamed() throws {
        let model = try molecule()
        for (text, word) in [
            ("B:remove", "removed"), ("B:rotate=20@any", "--random"),
        ] {
            let found = message { _ = try Ensemble(model, along: try StateMove(text), states: 3) }
            #expect(found?.contains(word) == true, "\(found ?? "")")
        }
        let fixed = message {
            _ = try Ensemble(model, random: try StateMove("B:rotate=20@x"), states: 3, seed: 1)
        }
        #expect(fixed?.contains("rotate=DEGREES@any") == true)
        #expect(message { _ = try StateMove("B:rotate=-5@any") } != nil)
        #expect(message { _ = try Ensemble(model, along: try StateMove("B:rotate=9@x"), states: 1) } != nil)
    }

    @Test func brokenParticlesAreHalvesOfTheStates() throws {
        let whole = try DumbbellPhantom(states: 3, beadsPerLobe: 40).ensemble()
        let all = try whole.adding(broken: 4, seed: 2)
        #expect(all.states.count == 7 && all.broken == [3, 4, 5, 6])
        for number in 3..<7 {
            let parent = whole.states[(number - 3) % 3]
            let kept = all.states[number].positions
            #expect(kept.count > 0 && kept.count < parent.count)
            #expect(Set(kept.map { "\($0)" }).isSubset(of: Set(parent.positions.map { "\($0)" })))
        }
        let circle = try Ensemble(try molecule(), along: try StateMove("B:rotate=360@z"), states: 8)
        #expect(message { _ = try circle.adding(broken: 1, seed: 1) }?.contains("continuous") == true)
    }

    @Test func sharesLeaveRoomForBrokenParticles() throws {
        #expect(try SimulatedStates(count: 2, shares: [3, 1]).allShares() == [3, 1])
        #expect(try SimulatedStates(count: 2).allShares() == nil)
        let shares = try #require(try SimulatedStates(count: 2, shares: [3, 1], broken: 0.2).allShares())
        #expect(shares.count == 10 && abs(shares[0] - 0.6) < 1e-12 && abs(shares[1] - 0.2) < 1e-12)
        #expect(abs(shares[2...].reduce(0, +) - 0.2) < 1e-12)
        #expect(message { _ = try SimulatedStates(count: 2, shares: [1], broken: 0.2).allShares() } != nil)
    }
}
