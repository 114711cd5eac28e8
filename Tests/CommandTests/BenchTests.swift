import Foundation
import TestSupport
import Testing

@Suite struct BenchTests {
    private static let small =
        "bench --box 16 --batch 4 --seconds 0.01 --threads 2 --set model.decoderWidth=0.02 "
        + "--set model.encoderWidth=0.1"

    /// The facts of a measurement agree with each other, and two of them can be compared.
    @Test func benchMeasuresAStepAndItsFloor() throws {
        let folder = try TemporaryFolder()
        let result = try Program.json(words(Self.small), in: folder.path)
        let runs = try #require(result["runs"] as? [[String: Any]])
        #expect(runs.map { $0["workers"] as? Int } == [1, 2])
        let last = try #require(runs.last)
        func seconds(_ name: String) throws -> Double {
            try #require((last[name] as? [String: Any])?["median"] as? Double)
        }
        let ratio = try #require(result["stepOverFloor"] as? Double)
        #expect(try abs(ratio - seconds("step") / seconds("floor")) < 1e-9 * ratio)
        let rate = try #require(result["imagesPerSecond"] as? Double)
        #expect(try abs(rate - 4 / seconds("step")) < 1e-9 * rate)
        let lines = try #require(last["lines"] as? [[String: Any]])
        let sum = lines.compactMap { $0["seconds"] as? Double }.reduce(try seconds("floor"), +)
        #expect(try abs(sum - seconds("step")) < 1e-9)
        #expect((result["peakBytes"] as? Int ?? 0) > 0)
        // libtorch's layers are measured with all workers, and their sum is that of the layers.
        let layers = try #require(last["layers"] as? [[String: Any]])
        let libtorch = layers.compactMap { $0["libtorchSeconds"] as? Double }
        #expect(libtorch.count == layers.count && runs[0]["libtorchFloor"] == nil)
        #expect(try abs(libtorch.reduce(0, +) - seconds("libtorchFloor")) < 1e-9)

        let bytes = try JSONSerialization.data(withJSONObject: result)
        for name in ["a.json", "b.json"] {
            #expect(FileManager.default.createFile(atPath: folder.file(name), contents: bytes))
        }
        let same = try Program.run(words("bench --compare a.json b.json"), in: folder.path)
        #expect(same.status == 0 && same.output.hasSuffix("nothing got slower\n"))
        var slower = runs
        slower[1]["step"] = ["median": 10 * (try seconds("step")), "low": 1, "high": 1, "samples": 5]
        var changed = result
        changed["runs"] = slower
        let other = try JSONSerialization.data(withJSONObject: changed)
        #expect(FileManager.default.createFile(atPath: folder.file("b.json"), contents: other))
        let worse = try Program.run(words("bench --compare a.json b.json"), in: folder.path)
        #expect(worse.output.hasSuffix("slower: whole step\n"), "\(worse.output)")
    }

    @Test func badInputIsRefused() throws {
        let folder = try TemporaryFolder()
        #expect(FileManager.default.createFile(atPath: folder.file("no.json"), contents: Data("{}".utf8)))
        for (line, said) in [
            ("bench --box 15", "--box"), ("bench --preset huge", "huge"), ("bench --seconds 0", "--seconds"),
            ("bench --device cuda:99", "cuda:99"), ("bench --compare no.json", "two files"),
            ("bench --compare no.json no.json", "no.json"),
            ("bench --compare away.json no.json", "away.json"),
            ("selftest --device tpu", "tpu"),
        ] {
            let outcome = try Program.run(words(line), in: folder.path)
            #expect(outcome.status == 1 && outcome.error.contains(said), "\(line): \(outcome.error)")
        }
    }

    /// The self-test of the processor passes, with a table that says what was compared.
    @Test func selftestOfTheProcessorPasses() throws {
        let folder = try TemporaryFolder()
        let result = try Program.json(["selftest"], in: folder.path)
        let checks = try #require(result["checks"] as? [[String: Any]])
        #expect(checks.count > 30)
        for check in checks { #expect(check["passed"] as? Bool == true, "\(check)") }
    }
}
