import CryoIO
import Foundation

/// Two results of the same sizes, line by line.
public struct BenchComparison: Codable, Sendable {
    public let older: BenchResult, newer: BenchResult
    /// Lines of the run with the most workers, the slowest change first.
    public let changes: [Change]

    public struct Change: Codable, Sendable {
        public let name: String
        public let before: Double, after: Double
        /// after / before.
        public let ratio: Double
        /// Slower by more than the spread of the measurements allows for.
        public let slower: Bool
    }

    /// Differences below this share of a line's time are noise.
    static let tolerance = 0.1

    public init(older: String, newer: String) throws {
        let (before, after) = (try Self.read(older), try Self.read(newer))
        func sizes(_ r: BenchResult) -> String {
            "\(r.preset), \(r.convolutions), box \(r.sizes.box), \(r.sizes.batch) images, "
                + "\(r.machine.device)"
        }
        guard sizes(before) == sizes(after) else {
            throw DataError(
                file: newer, "the two results are not of one measurement", found: sizes(after),
                wanted: sizes(before),
                remedy: "Compare results of the same preset, box, batch and device.")
        }
        (self.older, self.newer) = (before, after)
        let (a, b) = (Self.times(before), Self.times(after))
        let longest = a.first?.seconds ?? 0
        changes = a.compactMap { name, seconds -> Change? in
            guard let later = b.first(where: { $0.name == name })?.seconds, seconds > 0 else { return nil }
            let ratio = later / seconds
            return Change(
                name: name, before: seconds, after: later, ratio: ratio,
                slower: ratio > 1 + Self.tolerance && later - seconds > 0.005 * longest)
        }.sorted { $0.ratio > $1.ratio }
    }

    /// Whole step, bare layers, lines and layers.
    private static func times(_ result: BenchResult) -> [(name: String, seconds: Double)] {
        guard let run = result.runs.last else { return [] }
        return [("whole step", run.step.median), ("bare layers", run.floor.median)]
            + run.lines.dropLast().map { ($0.name, $0.seconds) } + run.layers.map { ($0.name, $0.seconds) }
    }

    private static func read(_ path: String) throws -> BenchResult {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw DataError(
                file: path, "it cannot be read", remedy: "Give a file that dsd bench --json wrote.")
        }
        do {
            return try JSONDecoder().decode(BenchResult.self, from: bytes)
        } catch {
            throw DataError(
                file: path, "it is not a result of dsd bench: \(error)",
                remedy: "Give a file that dsd bench --json wrote.")
        }
    }
}
