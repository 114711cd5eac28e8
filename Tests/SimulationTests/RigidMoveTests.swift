import CryoIO
import Testing

@testable import Simulation

@Suite struct RigidMoveTests {
    /// Chains A (residues 1-4 along x) and B (residue 1 at y = 5), and an atom without a chain name.
    private func model() throws -> AtomModel {
        try AtomModel(
            positions: [[1, 0, 0], [2, 0, 0], [3, 0, 0], [4, 0, 0], [0, 5, 0], [0, 0, 7]],
            weights: [1, 1, 1, 1, 2, 1],
            residues: (1...4).map { .init(chain: "A", number: $0) } + [
                .init(chain: "B", number: 1), .init(chain: "", number: 1),
            ])
    }

    private func moved(_ text: String, scale: Double = 1) throws -> [SIMD3<Double>] {
        try StateMove(text).applied(to: model(), scale: scale).positions
    }

    private func near(_ a: [SIMD3<Double>], _ b: [SIMD3<Double>]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { ($0 - $1).length < 1e-12 }
    }

    @Test func turnIsRightHandedAboutTheCentreOfMassOfThePart() throws {
        let turned = try moved("A/1-3:rotate=90@z")
        #expect(near(turned, [[2, -1, 0], [2, 0, 0], [2, 1, 0], [4, 0, 0], [0, 5, 0], [0, 0, 7]]))
    }

    @Test func turnMayHaveAHingeOrAPoint() throws {
        let expected: [SIMD3<Double>] = [
            [1, 0, 0], [1, 1, 0], [1, 2, 0], [1, 3, 0], [0, 5, 0], [0, 0, 7],
        ]
        #expect(near(try moved("A:rotate=90@z:hinge=A/1"), expected))
        #expect(near(try moved("A:rotate=90@0,0,4:about=1,0,0"), expected))
        #expect(near(try moved(" A : rotate=-90@0,0,-1 : about = 1,0,0 "), expected))
    }

    @Test func shiftFollowsTheTurnAndScaleTakesBoth() throws {
        let both = try moved("B:rotate=180@x:about=0,0,0:shift=1,2,3")
        #expect(near(both, [[1, 0, 0], [2, 0, 0], [3, 0, 0], [4, 0, 0], [1, -3, 3], [0, 0, 7]]))
        let half = try moved("B:rotate=180@x:about=0,0,0:shift=1,2,3", scale: 0.5)
        #expect((half[4] - SIMD3(0.5, 1, 6.5)).length < 1e-12)
    }

    @Test func movesAreAppliedOneAfterAnother() throws {
        let twice = try moved("A,B:shift=1,0,0; *:shift=0,1,0; _:shift=0,0,-7;")
        #expect(near(twice, [[2, 1, 0], [3, 1, 0], [4, 1, 0], [5, 1, 0], [1, 6, 0], [0, 1, 0]]))
    }

    @Test func partMayBeAbsent() throws {
        #expect(try moved("A/2-3,B:remove").count == 3)
        #expect(message { _ = try moved("*:remove") }?.contains("no atom") == true)
    }

    @Test func ensembleStartsWithTheStructureItselfCentred() throws {
        let ensemble = try Ensemble(try model(), moves: [try StateMove("B:shift=0,7,0")])
        #expect(ensemble.states.count == 2 && ensemble.coordinates == [0, 1])
        #expect(ensemble.states[0].centreOfMass.length < 1e-12)
        #expect((ensemble.states[1].centreOfMass - SIMD3(0, 2, 0)).length < 1e-12)
        #expect(ensemble.names == ["as read", "B:shift=0,7,0"])
    }

    @Test(arguments: [
        ("", "nothing"), ("A", "no action"), ("A:turn=3", "turn=3"), ("A:rotate=25", "rotate=25@x"),
        ("A:rotate=x@x", "rotate=x@x"), ("A:rotate=5@w", "rotate=5@w"),
        ("A:rotate=5@0,0,0", "rotate=5@0,0,0"),
        ("A:shift=1,2", "shift=1,2"), ("A:shift=1,2,nan", "shift=1,2,nan"), ("A:about=1", "about=1"),
        ("A:hinge=B", "a pivot without a turn"), ("A:remove:shift=1,0,0", "remove with other actions"),
        ("A/x:shift=1,0,0", "\"A/x\""), ("A/9-2:shift=1,0,0", "\"A/9-2\""), (",:shift=1,0,0", "\"\""),
    ])
    func textThatCannotBeReadIsNamed(text: String, found: String) {
        let error = message { _ = try StateMove(text) }
        #expect(error?.contains(found) == true, "\(error ?? "no error")")
    }

    @Test func selectionWithoutAtomsNamesTheChains() throws {
        let error = message { _ = try moved("A,Q:shift=1,0,0") }
        #expect(
            error?.contains("found Q, wanted chains of the structure: , A, B") == true,
            "\(error ?? "no error")")
        #expect(message { _ = try moved("A/7:shift=1,0,0") }?.contains("A/7-7") == true)
    }

    @Test func negativeResidueNumbersAreRead() throws {
        let selection = try AtomSelection("A/-5--2,B/-3-4")
        #expect(selection.contains(.init(chain: "A", number: -2)))
        #expect(!selection.contains(.init(chain: "A", number: -1)))
        #expect(selection.contains(.init(chain: "B", number: 0)))
    }
}
