import CryoIO
import Foundation
import TestSupport
import Testing
import Torch

@testable import OpusDSD

@Suite struct ConfigurationTests {
    @Test(arguments: Configuration.Preset.allCases)
    func presetsSurviveYAMLAndAreValid(_ preset: Configuration.Preset) throws {
        let c = try preset.configuration.validated()
        #expect(try Configuration().merging(yaml: try c.yaml(), file: "test") == c)
        #expect(c.preset == preset.rawValue)
    }

    /// METHOD 7, column "paper".
    @Test func paperPresetHasThePapersNumbers() {
        let c = Configuration.Preset.paper.configuration
        #expect(c.model.latentSize == 8 && c.model.encoderWidth == 1 && c.model.decoderWidth == 1)
        #expect(c.stages.count == 1 && c.stages[0].volume == 256 && c.stages[0].learningRate == 1e-4)
        #expect(c.objective.lambdaKL == 0.01 && c.objective.lambdaTV == 1 && c.objective.lambdaL1 == 0.3)
        #expect(c.prior.intraNeighbours == 4 && c.prior.interNeighbours == 128 && c.prior.interFar == 512)
        #expect(c.prior.candidates == 12800 && c.prior.bankMomentum == 0.7)
        #expect(c.sampling.batch == 72 && c.sampling.classBlocks == 1 && c.sampling.validationFraction == 0.1)
        #expect(c.optimizer.schedule == .decay && c.optimizer.decay == 0.95)
        #expect(c.model.encoderInput == .raw && c.model.base == .none && !c.poseSearch.enabled)
    }

    @Test func aPartialFileChangesItsKeysAlone() throws {
        let c = try Configuration().merging(
            yaml: "objective:\n  lambda: 2\nstages:\n- {box: 16, epochs: 3}\n", file: "part.yaml")
        var wanted = Configuration()
        wanted.objective.lambda = 2
        var stage = Configuration.Stage()
        (stage.box, stage.epochs) = (16, 3)
        wanted.stages = [stage]
        #expect(c == wanted)
    }

    @Test func settingReachesElementsOfLists() throws {
        let c = try Configuration.Preset.small.configuration.setting("stages.1.learningRate=0.01").setting(
            "model.encoderInput=raw")
        #expect(c.stages[1].learningRate == 0.01 && c.model.encoderInput == .raw)
    }

    @Test(arguments: [
        "prior.candidate=3", "stages.9.box=3", "objective.lambda=much", "nothing",
        "model.encoderInput=sideways",
    ])
    func wrongSettingsNameTheKey(_ text: String) {
        #expect(throws: DataError.self) { try Configuration.Preset.small.configuration.setting(text) }
    }

    @Test(arguments: [
        "sampling.batch=0", "model.latentSize=0", "stages.0.box=7", "optimizer.epsilon=0",
        "prior.bankMomentum=1", "objective.lambda=-1",
    ])
    func impossibleValuesAreRefused(_ text: String) throws {
        let c = try Configuration().setting(text)
        let error = #expect(throws: DataError.self) { try c.validated() }
        #expect(error?.description.contains(String(text.prefix { $0 != "=" })) == true)
    }

    /// Two stages that come to one box become one with the passes of both.
    @Test func stagesOfOneBoxAreJoined() {
        var small = Configuration.Preset.small.configuration
        small.inference.rounds = 0
        #expect(small.stages(fullBox: 64).map(\.box) == [32, 64])
        #expect(small.stages(fullBox: 32) == [small.stages[0]])
        var learning = small
        learning.stages[1].trainsEncoder = true
        let joined = learning.stages(fullBox: 32)
        #expect(joined.count == 1)
        #expect(joined[0].images == small.stages[0].images + small.stages[1].images)
        learning.stages[0].epochs = 4
        #expect(learning.stages(fullBox: 32).count == 2)
    }

    /// Codes are settled in rounds after the encoder's last stage, and stages that were made so stay as they
    /// are.
    @Test func roundsFollowTheEncoder() throws {
        var small = Configuration.Preset.small.configuration
        (small.inference.rounds, small.inference.roundImages) = (2, 500)
        for (box, boxes, settles) in [
            (64, [32, 32, 32, 64], [false, true, true, false]), (32, [32, 32, 32], [false, true, true]),
        ] {
            let stages = small.stages(fullBox: box)
            #expect(stages.map(\.box) == boxes && stages.map(\.settles) == settles)
            #expect(stages.map(\.trainsEncoder) == [true] + [Bool](repeating: false, count: boxes.count - 1))
            #expect(stages[1].images == 500 && stages[1].learningRate == small.stages[0].learningRate)
            var made = small
            made.stages = stages
            #expect(made.stages(fullBox: box) == stages)
            // A configuration taken from a run obeys its number of rounds.
            made.inference.rounds = 0
            #expect(made.stages(fullBox: box).allSatisfy { !$0.settles })
        }
        small.inference.enabled = false
        #expect(small.stages(fullBox: 64).count == 2)
        #expect(Configuration.Preset.paper.configuration.stages(fullBox: 64).count == 1)
        // A round may be a single pass.
        var large = Configuration.Preset.small.configuration
        large.stages = large.stages(fullBox: 64)
        let plan = EpochPlan(
            classes: [Int](repeating: 0, count: 30_000), sampling: large.sampling, seed: 1)
        #expect(RunSchedule(large, plan: plan).epochs == [2, 1, 1, 2])
    }

    /// A run keeps what it was started with; of keys that came later it has the defaults.
    @Test func aRunFromBeforeAKeyIsReadWithItsDefault() throws {
        let folder = try TemporaryFolder()
        var c = Configuration()
        (c.numerics.workers, c.prior.candidates, c.preset) = (3, 77, "standard")
        c.stages = [Configuration.Stage(), Configuration.Stage()]
        c.stages[1].box = 48
        let path = folder.file("config.yaml")
        let record = RunRecord(
            program: .init(version: "0", torch: "0", commandLine: ""), inputs: .init(particles: "a.star"),
            configuration: c)
        try record.write(to: path)
        #expect(try RunRecord.read(path) == record)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let older = lines.filter { !$0.contains("imagesAtOnce") && !$0.contains("bankWeight") }
        #expect(older.count == lines.count - 2)
        try older.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try RunRecord.read(path) == record)
        #expect(try Configuration().merging(file: path) == c)
        // Runs from before poses were refined keep those of their file.
        let start = try #require(lines.firstIndex { $0 == "  poseRefinement:" })
        let rest = lines[(start + 1)...].drop { $0.hasPrefix("    ") || $0.hasPrefix("  -") }
        try (lines[..<start] + rest).joined(separator: "\n").write(
            toFile: path, atomically: true, encoding: .utf8)
        var kept = record
        kept.configuration.poseRefinement.enabled = false
        #expect(try RunRecord.read(path) == kept)
        // Those from before codes were settled in rounds have none.
        var settled = record
        settled.configuration.inference.rounds = 4
        try settled.write(to: path)
        #expect(try RunRecord.read(path) == settled)
        let written = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        try written.filter { !$0.contains("rounds:") }.joined(separator: "\n").write(
            toFile: path, atomically: true, encoding: .utf8)
        #expect(try RunRecord.read(path) == record)
        // Those from before frequencies were weighed do not weigh them.
        let unweighed = lines.filter { !$0.contains("noiseWeights") }
        #expect(unweighed.count == lines.count - 1)
        try unweighed.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        kept = record
        kept.configuration.objective.noiseWeights = false
        #expect(try RunRecord.read(path) == kept)

        let strange = older.map { $0.contains("candidates") ? "    candydates: 5" : String($0) }
        try strange.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        #expect { try RunRecord.read(path) } throws: { "\($0)".contains("prior.candydates") }
        let headless = lines.prefix { $0 != "configuration:" }
        #expect(headless.count < lines.count)
        try headless.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        #expect { try RunRecord.read(path) } throws: { "\($0)".contains("no configuration") }
    }

    @Test func theNumberTypeIsSettledByTheDeviceAndOnlyWhereItIsAutomatic() throws {
        var numerics = Configuration().numerics
        #expect(numerics.convolutions == .automatic && numerics.precision == .float32)
        try numerics.settle(for: .cpu)
        #expect(numerics.convolutions == (try Runtime.hasBFloat16(.cpu) ? .bfloat16 : .tensorFloat32))
        for chosen in [Configuration.ConvolutionType.float32, .bfloat16, .float64] {
            numerics.convolutions = chosen
            try numerics.settle(for: .cpu)
            #expect(numerics.convolutions == chosen)
        }
    }
}
