import CryoEM
import CryoIO
import Foundation
import TestSupport
import Testing

/// `dsd train`, `dsd encode` and `dsd decode` as a user runs them, on the small simulated set.
@Suite struct TrainTests {
    static let quick = ["--epochs", "2"] + tiny

    static let tiny = [
        "--threads", "2", "--set", "model.latentSize=2", "--set", "model.encoderWidth=0.1",
        "--set", "model.decoderWidth=0.01", "--set", "sampling.batch=8", "--set",
        "numerics.checkpointSteps=2",
        "--set", "stages.0.box=12",
    ]

    private static func train(_ set: String, in folder: TemporaryFolder, _ more: [String] = []) throws
        -> Program.Outcome
    {
        try Program.run(
            ["train", "\(set)/particles.star", "--mask", "\(set)/mask.mrc", "--output", "run"] + quick + more,
            in: folder.path)
    }

    @Test func trainingFillsTheRunFolderAndEncodeAndDecodeUseIt() throws {
        let set = try Fixture.set.get()
        let folder = try TemporaryFolder()
        let outcome = try Self.train(set, in: folder)
        #expect(outcome.status == 0, "\(outcome.error)")
        for file in [
            "config.yaml", "log.txt", "metrics.csv", "consensus.mrc", "mask.mrc",
            "checkpoint/latest.safetensors",
            "checkpoint/best.safetensors", "latent/mean.npy", "latent/logsigma.npy",
        ] { #expect(FileManager.default.fileExists(atPath: folder.file("run/\(file)")), "\(file)") }
        let mean = try NPYArray.read(folder.file("run/latent/mean.npy"))
        #expect(mean.shape == [40, 2])
        let metrics = try String(contentsOfFile: folder.file("run/metrics.csv"), encoding: .utf8).split(
            separator: "\n")
        #expect(metrics.count == 7 && metrics[0].hasPrefix("epoch,stage,box,images,"))

        // Encoding again gives the same codes.
        #expect(try Program.run(["encode", "run"], in: folder.path).status == 0)
        #expect(try NPYArray.read(folder.file("run/latent/mean.npy")).floats() == mean.floats())
        let other = try Program.run(
            ["encode", "run", "\(set)/particles.star", "--output", "codes"], in: folder.path)
        #expect(other.status == 0, "\(other.error)")
        #expect(try NPYArray.read(folder.file("codes/mean.npy")).shape == mean.shape)

        // Maps lie in the particles' box, at their pixel size, where the consensus lies.
        let decoded = try Program.run(
            ["decode", "run", "--index", "1,40", "--output", "maps"], in: folder.path)
        #expect(decoded.status == 0, "\(decoded.error)")
        let consensus = try DensityMap.read(folder.file("run/consensus.mrc"))
        for name in ["map_000.mrc", "map_001.mrc"] {
            let map = try DensityMap.read(folder.file("maps/\(name)"))
            #expect(map.side == 16 && map.pixelSize == 8 && map.origin == consensus.origin)
            #expect(map.values.contains { $0 != 0 })
        }
        let local = try Program.run(
            ["decode", "run", "--index", "1,40", "--local", "--output", "local"], in: folder.path)
        #expect(local.status == 0, "\(local.error)")
        let map = try DensityMap.read(folder.file("local/map_001.mrc"))
        #expect(map.side == 16 && map.origin == consensus.origin && map.values.allSatisfy(\.isFinite))
        let table = try String(contentsOfFile: folder.file("local/local.csv"), encoding: .utf8).split(
            separator: "\n")
        #expect(table.count == 1 + 2 * 9 && table[0] == "map,frequency,images,decoder_share")
        try FileManager.default.moveItem(
            atPath: folder.file("run/latent/logsigma.npy"), toPath: folder.file("kept.npy"))
        let without = try Program.run(
            ["decode", "run", "--index", "1", "--local", "--output", "none"], in: folder.path)
        #expect(without.status == 1 && without.error.contains("dsd encode"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("none")))
        try FileManager.default.moveItem(
            atPath: folder.file("kept.npy"), toPath: folder.file("run/latent/logsigma.npy"))
        for options in [
            ["--component", "1", "--points", "3"], ["--path", "1,2", "--points", "3"],
            ["--latent", "maps/codes.npy"],
        ] {
            let outcome = try Program.run(["decode", "run", "--output", "more"] + options, in: folder.path)
            #expect(outcome.status == 0, "\(options) \(outcome.error)")
        }
    }

    /// Where neither poses were refined nor the decoder after the codes were settled, the same images as other
    /// particles have the same codes.
    @Test func otherParticlesAreEncodedLikeTheRunsOwn() throws {
        let set = try Fixture.set.get()
        let folder = try TemporaryFolder()
        let trained = try Self.train(
            set, in: folder,
            [
                "--set", "stages.0.box=16", "--set", "poseRefinement.enabled=false", "--set",
                "inference.rounds=0",
            ])
        #expect(trained.status == 0, "\(trained.error)")
        let other = try Program.run(
            ["encode", "run", "\(set)/particles.star", "--output", "codes"], in: folder.path)
        #expect(other.status == 0, "\(other.error)")
        #expect(
            try NPYArray.read(folder.file("codes/mean.npy")).floats()
                == NPYArray.read(folder.file("run/latent/mean.npy")).floats())
    }

    /// Killed without warning at moments drawn at random and resumed, a run ends with the very codes and
    /// metrics of one
    /// that was left alone.
    @Test func aKilledRunResumesToTheSameNumbers() throws {
        let set = try Fixture.set.get()
        let folder = try TemporaryFolder()
        let more = ["--set", "stages.0.epochs=12", "--set", "stages.1.epochs=12"]
        let arguments = ["train", "\(set)/particles.star", "--mask", "\(set)/mask.mrc"] + Self.tiny + more
        let start = Date()
        let whole = try Program.run(arguments + ["--output", "whole"], in: folder.path)
        let duration = Date().timeIntervalSince(start)
        #expect(whole.status == 0, "\(whole.error)")
        var generator = SeededGenerator(seed: UInt64(5))
        var kills = 0
        var first = true
        while kills < 40 {
            let resumes = !first && FileManager.default.fileExists(atPath: folder.file("parts/config.yaml"))
            if !resumes { try? FileManager.default.removeItem(atPath: folder.file("parts")) }
            let process = Process()
            process.executableURL = URL(fileURLWithPath: Program.path)
            process.arguments = arguments + ["--output", "parts"] + (resumes ? ["--resume"] : [])
            process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            first = false
            // After a while the run is left alone, so that a slow machine comes to an end.
            if kills < 6 {
                Thread.sleep(forTimeInterval: duration * Double.random(in: 0.15...0.7, using: &generator))
                if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            }
            process.waitUntilExit()
            if process.terminationReason == .exit && process.terminationStatus == 0 { break }
            kills += 1
        }
        #expect(kills >= 1 && kills < 40)
        for file in ["latent/mean.npy", "latent/logsigma.npy", "metrics.csv"] {
            let a = try Data(contentsOf: URL(fileURLWithPath: folder.file("whole/\(file)")))
            let b = try Data(contentsOf: URL(fileURLWithPath: folder.file("parts/\(file)")))
            #expect(a == b, "\(file) differs")
        }
    }

    static let wrong: [BadInput] = [
        BadInput("no such file", "train missing.star --output run", "missing.star"),
        BadInput(
            "a preset that is none", "train SET/particles.star --output run --preset huge", "huge", "small"),
        BadInput(
            "a key that is none", "train SET/particles.star --output run --set prior.lambada=1",
            "prior.lambada"),
        BadInput("no epochs", "train SET/particles.star --output run --epochs 0", "--epochs"),
        BadInput(
            "a device that is absent", "train SET/particles.star --output run --device cuda:7", "cuda:7"),
        BadInput("nothing to resume", "train SET/particles.star --output run --resume", "config.yaml"),
        BadInput("a mask that is absent", "train SET/particles.star --output run --mask no.mrc", "no.mrc"),
        BadInput("an output below a file", "train SET/particles.star --output SET/mask.mrc/run", "mask.mrc"),
        BadInput("encode without a run", "encode run", "config.yaml"),
        BadInput("decode without a run", "decode run --index 1 --output maps", "run"),
        BadInput("decode of two kinds", "decode run --index 1 --component 1 --output maps", "exactly one"),
    ]

    @Test(arguments: wrong)
    func wrongCallsGiveOneMessageAndLeaveNothing(_ input: BadInput) throws { try input.check() }

    /// Data that is damaged in one place: what is done to a copy of the set, and words of the message.
    struct Damage: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let words: [String]
        let apply: @Sendable (TemporaryFolder) throws -> Void
    }

    private static func edit(_ folder: TemporaryFolder, _ change: (String) -> String) throws {
        let path = folder.file("particles.star")
        try change(try String(contentsOfFile: path, encoding: .utf8)).write(
            toFile: path, atomically: true, encoding: .utf8)
    }

    private static func pixels(_ folder: TemporaryFolder, image: Int, _ values: (Int) -> Float) throws {
        let path = folder.file("particles.mrcs")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        for k in 0..<256 {
            let value = withUnsafeBytes(of: values(k).bitPattern.littleEndian) { Data($0) }
            let at = 1024 + (image * 256 + k) * 4
            bytes.replaceSubrange(at..<(at + 4), with: value)
        }
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    static let damages: [Damage] = [
        Damage(testDescription: "stack missing", words: ["particles.mrcs"]) {
            try FileManager.default.removeItem(atPath: $0.file("particles.mrcs"))
        },
        Damage(testDescription: "stack truncated", words: ["particles.mrcs", "bytes"]) {
            let url = URL(fileURLWithPath: $0.file("particles.mrcs"))
            let bytes = try Data(contentsOf: url)
            try bytes.prefix(bytes.count / 2).write(to: url)
        },
        Damage(testDescription: "column missing", words: ["rlnDefocusU"]) {
            try edit($0) { $0.replacingOccurrences(of: "_rlnDefocusU", with: "_rlnSomethingElse") }
        },
        Damage(testDescription: "pixel size impossible", words: ["particles.star", "ixel"]) {
            try edit($0) { $0.replacingOccurrences(of: "8.000000", with: "-8.00000") }
        },
        Damage(testDescription: "NaN pixel", words: ["row 4"]) {
            try pixels($0, image: 3) { $0 == 7 ? .nan : Float($0) }
        },
        Damage(testDescription: "constant image", words: ["row 6", "constant"]) {
            try pixels($0, image: 5) { _ in 1 }
        },
        Damage(testDescription: "mask of another box", words: ["mask.mrc", "12", "16"]) {
            try Fixture.noise(side: 12).write(to: $0.file("mask.mrc"))
        },
    ]

    @Test(arguments: damages)
    func damagedDataGiveOneMessageAndLeaveNothing(_ damage: Damage) throws {
        let set = try Fixture.set.get()
        let folder = try TemporaryFolder()
        for name in ["particles.star", "particles.mrcs", "mask.mrc"] {
            try FileManager.default.copyItem(atPath: "\(set)/\(name)", toPath: folder.file(name))
        }
        try damage.apply(folder)
        if damage.testDescription == "mask of another box" {
            var mask = try DensityMap.read(folder.file("mask.mrc"))
            mask.values = mask.values.map { $0 > 0 ? 1 : 0 }
            try mask.write(to: folder.file("mask.mrc"))
        }
        let before = try folder.contents()
        let outcome = try Program.run(
            ["train", "particles.star", "--mask", "mask.mrc", "--output", "run"] + Self.quick, in: folder.path
        )
        #expect(outcome.status == 1)
        let message = outcome.messages.last ?? ""
        #expect(message.hasPrefix("dsd train: "))
        for word in damage.words { #expect(message.contains(word), "\(message) lacks \(word)") }
        #expect(try folder.contents() == before)
    }

    /// The rows of the particle file with the poses that training has ended with.
    @Test func refinedPosesAreWrittenForRelion() throws {
        let set = try Fixture.set.get()
        let folder = try TemporaryFolder()
        let trained = try Self.train(set, in: folder)
        #expect(trained.status == 0, "\(trained.error)")
        #expect(trained.output.contains("poses refined: estimated errors"))
        let written = try Program.run(
            ["select", "run", "--refined-poses", "--output", "refined.star"], in: folder.path)
        #expect(written.status == 0, "\(written.error)")
        let (before, after) = (
            try ParticleSet(path: "\(set)/particles.star"), try ParticleSet(path: folder.file("refined.star"))
        )
        #expect(after.count == 40 && after.ctf == before.ctf)
        let last = try #require(
            try FileManager.default.contentsOfDirectory(atPath: folder.file("run/poses")).filter {
                $0.hasPrefix("round")
            }.max())
        let changes = try NPYArray.read(folder.file("run/poses/\(last)"))
        #expect(changes.shape == [40, 6])
        let values = changes.doubles()
        for row in 0..<40 {
            let v = Array(values[(6 * row)..<(6 * row + 6)])
            let turn = Rotation(vector: SIMD3(v[0], v[1], v[2]) * (.pi / 180))
            #expect((turn * before.angles[row].rotation).angle(to: after.angles[row].rotation) < 1e-4)
            #expect(abs(before.origins[row].x - v[3] - after.origins[row].x) < 1e-5)
            #expect(abs(before.origins[row].y - v[4] - after.origins[row].y) < 1e-5)
        }
        #expect(before.angles != after.angles)
        // Other runs and files have none.
        let onto = try Program.run(
            ["select", "\(set)/particles.star", "--refined-poses", "--output", "no.star"], in: folder.path)
        #expect(onto.status == 1 && onto.error.contains("wants a run"))
        let other = try TemporaryFolder()
        let kept = try Self.train(set, in: other, ["--set", "poseRefinement.enabled=false"])
        #expect(kept.status == 0, "\(kept.error)")
        let none = try Program.run(
            ["select", other.file("run"), "--refined-poses", "--output", "no.star"], in: folder.path)
        #expect(none.status == 1 && none.error.contains("no refined poses"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("no.star")))
    }
}
