import Foundation
import TestSupport
import Testing

@testable import CryoIO

/// Readers survive damaged files: a value or a typed error, in little time and memory, for every input.
///
/// 210,000 cases in all; for a long run
/// `DSD_FUZZ_CASES=10000000 swift test -c release -Xswiftc -enable-testing --filter FuzzTests`, where
/// `DSD_FUZZ_SEED` draws other cases. Case k of a reader depends on seed and k alone.
@Suite struct FuzzTests {
    private static let cases = setting("DSD_FUZZ_CASES") ?? 210_000
    private static let seed = UInt64(setting("DSD_FUZZ_SEED") ?? 1)

    private static func setting(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap(Int.init)
    }

    /// Most memory that the process has held, bytes.
    private static func peakMemory() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line.flatMap { Int($0.filter(\.isNumber)) } ?? 0) * 1024
    }

    @Test(arguments: FuzzTarget.all)
    func mutatedFilesGiveAValueOrATypedError(_ target: FuzzTarget) throws {
        let seeds = try target.seeds()
        for file in seeds { #expect(throws: Never.self, "\(target.name): a seed") { try target.read(file) } }
        let mutator = Mutator(words: target.words.map { Array($0.utf8) })
        let count = (Self.cases + FuzzTarget.all.count - 1) / FuzzTarget.all.count
        let memory = Self.peakMemory()
        var read = 0, refused = 0, slowest = Duration.zero, slowestCase = 0
        for k in 0..<count {
            var random = SeededGenerator(seed: Self.seed &* 0x9e37_79b9 &+ UInt64(k))
            let bytes = mutator.mutated(seeds, using: &random)
            let time = ContinuousClock().measure {
                do throws(DataError) {
                    try target.read(bytes)
                    read += 1
                } catch {
                    // Every error says what is wrong.
                    refused += error.problem.isEmpty ? 0 : 1
                }
            }
            if time > slowest { (slowest, slowestCase) = (time, k) }
        }
        #expect(read + refused == count)
        // Changes that do not matter are read, and most others are seen.
        #expect(read > 0 && refused > count / 10, "\(target.name): \(read) read, \(refused) refused")
        // A loaded machine may hold up a case of a microsecond for long, but not for this long.
        #expect(slowest < .seconds(20), "\(target.name): case \(slowestCase) took \(slowest)")
        #expect(Self.peakMemory() - memory < 1 << 29, "\(target.name): memory grew with small files")
    }
}
