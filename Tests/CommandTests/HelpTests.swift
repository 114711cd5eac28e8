import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import dsd

@Suite struct HelpTests {
    /// The example of a command as its help prints it, without `dsd`.
    private static func example(_ command: any ParsableCommand.Type) -> [String]? {
        let help = HelpText.endingInExample(DSD.helpMessage(for: command, columns: 80))
        guard let last = help.split(separator: "\n").last, help.contains("\nEXAMPLE:\n") else { return nil }
        let parts = words(String(last))
        return parts.first == "dsd" ? Array(parts.dropFirst()) : nil
    }

    private static let commands = DSD.configuration.subcommands

    @Test func everyHelpEndsInAnExampleThatParses() throws {
        for command in Self.commands {
            let example = try #require(Self.example(command), "\(command) has no example")
            let parsed = try DSD.parseAsRoot(example)
            #expect(type(of: parsed) == command)
        }
    }

    @Test func helpPrintsTheExampleLast() throws {
        let folder = try TemporaryFolder()
        for line in ["help fsc", "fsc --help"] {
            let outcome = try Program.run(words(line), in: folder.path)
            #expect(outcome.status == 0 && outcome.error == "")
            #expect(outcome.output.hasSuffix("halfmap2.mrc --mask mask.mrc\n"))
        }
        let root = try Program.run(["--help"], in: folder.path)
        for command in Self.commands {
            #expect(root.output.contains(command.configuration.commandName ?? "?"))
        }
        #expect(try Program.run(["--version"], in: folder.path).output == DSD.version + "\n")
    }

    @Test func unknownCommandIsAUsageError() throws {
        let folder = try TemporaryFolder()
        let outcome = try Program.run(["paint"], in: folder.path)
        #expect(outcome.status == 64 && outcome.error.contains("paint"))
    }

    /// The examples in the order of the work, each with settings that make it small; that of `demo` takes
    /// minutes, and its work is tested with the demonstration.
    @Test func examplesRunOneAfterTheOther() throws {
        let folder = try TemporaryFolder()
        func run(_ command: any ParsableCommand.Type, _ small: String = "") throws {
            let line = try #require(Self.example(command)) + words(small)
            let outcome = try Program.run(line, in: folder.path)
            #expect(outcome.status == 0, "\(line.joined(separator: " ")): \(outcome.error)")
        }
        try run(SimulateCommand.self, "--count 40 --states 2 --box 32 --pixel-size 8 --snr 2")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.file("set")) {
            try FileManager.default.moveItem(atPath: folder.file("set/\(name)"), toPath: folder.file(name))
        }
        try run(MaskCommand.self)
        try run(CheckCommand.self)
        try run(ReconstructCommand.self)
        try run(FSCCommand.self)
        try run(
            TrainCommand.self, "--epochs 1 --set model.decoderWidth=0.03125 --set model.encoderWidth=0.125")
        try run(EncodeCommand.self)
        try run(DecodeCommand.self)
        try run(AnalyzeCommand.self, "--clusters 2 --skip-umap")
        try run(ScoreCommand.self, "--clusters 2")
        try run(NullCommand.self, "--replicas 5 --clusters 2")
        try run(MotionCommand.self)
        try run(SelectCommand.self)
        try QualityPlanFixture.plan(simulate: "structure: molecule.pdb").write(
            toFile: folder.file("plan.yaml"), atomically: true, encoding: .utf8)
        try Fixture.pdb(to: folder.file("molecule.pdb"))
        try run(BenchmarkCommand.self)
        try run(BenchCommand.self, "--set model.decoderWidth=0.03125 --batch 4 --threads 2")
    }
}
