import CryoIO
import Testing

@testable import Quality

@Suite struct QualityPlanTests {
    static let text = """
        title: two sets
        seeds: [1, 2]
        images: 10
        sets:
          a:
            simulate: {phantom: dumbbell, states: 4, structure: x.pdb, move: ["A:shift=1,0,0", "B:remove"]}
          b: {particles: p.star, truth: t.npz, mask: m.mrc, clusters: 5}
        configurations:
          default:
          no-prior:
            set: {objective.lambda: 0}
            sets: [b]
            seeds: 7
          other:
            program: other.sh
            arguments: [--fast, "{set}/mask.mrc"]
            sets: a
        """

    @Test func cellsAreSetsTimesConfigurationsTimesSeeds() throws {
        let plan = try QualityPlan(yaml: Self.text, file: "plan.yaml")
        #expect(plan.title == "two sets" && plan.images == 10 && plan.neighbours == 20)
        let cells = plan.cells.map { "\($0.set.name) \($0.configuration.name) \($0.seed)" }
        #expect(
            cells == [
                "a default 1", "a default 2", "a other 1", "a other 2", "b default 1", "b default 2",
                "b no-prior 7",
            ])
        #expect(plan.configurations[1].settings == ["objective.lambda=0"])
        #expect(plan.configurations[2].program == "other.sh" && plan.sets[1].clusters == 5)
    }

    @Test func optionsOfASimulationBecomeArguments() throws {
        let set = try QualityPlan(yaml: Self.text, file: "plan.yaml").sets[0]
        guard case .simulated(let options) = set.source else { throw DataError(file: nil, "not simulated") }
        #expect(
            QualitySet.arguments(options) { "data/" + $0 } == [
                "--phantom", "dumbbell", "--states", "4", "--structure", "data/x.pdb", "--move",
                "A:shift=1,0,0",
                "--move", "B:remove",
            ])
        #expect(set.inputs == ["x.pdb"])
    }

    @Test func variantsStandBesideTheirSet() throws {
        let text = Self.text
            .replacing(
                "sets:\n  a:",
                with: "variants:\n  tilted: {pose-error: 5, states: 2}\nsets:\n  a:\n    variants: tilted")
        let plan = try QualityPlan(yaml: text, file: "plan.yaml")
        #expect(plan.sets.map(\.name) == ["a", "a+tilted", "b"])
        guard case .simulated(let options) = plan.sets[1].source else { throw DataError(file: nil, "no") }
        #expect(options.map(\.name) == ["phantom", "structure", "move", "pose-error", "states"])
        #expect(options.last?.values == ["2"])
        #expect(throws: DataError.self) {
            try QualityPlan(yaml: text.replacing("variants: tilted", with: "variants: none"), file: "p")
        }
    }

    struct Bad: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let from: String
        let to: String
        let words: [String]
    }

    @Test(arguments: [
        Bad(testDescription: "an unknown key", from: "images: 10", to: "pictures: 10", words: ["pictures"]),
        Bad(
            testDescription: "no images", from: "images: 10", to: "images: 0",
            words: ["images", "0", "1 to"]),
        Bad(testDescription: "equal seeds", from: "[1, 2]", to: "[1, 1]", words: ["seeds", "different"]),
        Bad(testDescription: "a name with a slash", from: "  a:", to: "  a/b:", words: ["a/b"]),
        Bad(testDescription: "no mask", from: ", mask: m.mrc", to: "", words: ["sets.b", "mask"]),
        Bad(
            testDescription: "a set that there is not", from: "sets: a", to: "sets: c", words: ["c", "a, b"]),
        Bad(
            testDescription: "an unknown key of a configuration", from: "program:", to: "script:",
            words: ["configurations.other", "script"]),
        Bad(
            testDescription: "settings of another program", from: "seeds: 7", to: "program: x",
            words: ["no-prior", "arguments"]),
        Bad(testDescription: "no YAML", from: "sets:", to: "{sets:", words: ["YAML"]),
    ])
    func badPlanIsNamed(_ bad: Bad) {
        let text = Self.text.replacing(bad.from, with: bad.to, maxReplacements: 1)
        #expect(text != Self.text)
        let error = #expect(throws: DataError.self) { try QualityPlan(yaml: text, file: "plan.yaml") }
        for word in ["plan.yaml"] + bad.words {
            #expect(error?.description.contains(word) == true, "\(error?.description ?? "") lacks \(word)")
        }
    }
}
