import CryoIO
import Foundation

/// Two results of the same sizes, line by line: of steps, or of kernels.
public struct BenchComparison: Codable, Sendable {
    public let older: Side, newer: Side
    /// Lines of the run with the most workers, or kernels, the slowest change first.
    public let changes: [Change]

    /// One of the two results.
    public struct Side: Codable, Sendable {
        public let date: String
        public let machine: Machine
        /// Of a step; nil for kernels.
        public let imagesPerSecond: Double?, stepOverFloor: Double?
        /// What was measured; it has to be the same for both.
        let what: String
        let times: [Time]

        struct Time: Codable, Sendable {
            let name: String
            let seconds: Double
        }
    }

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
        (self.older, self.newer) = (try Self.read(older), try Self.read(newer))
        guard self.older.what == self.newer.what else {
            throw DataError(
                file: newer, "the two results are not of one measurement", found: self.newer.what,
                wanted: self.older.what,
                remedy: "Compare results of the same preset, box, batch and device.")
        }
        let (a, b) = (self.older.times, self.newer.times)
        let longest = a.first?.seconds ?? 0
        changes = a.compactMap { time -> Change? in
            let (name, seconds) = (time.name, time.seconds)
            guard let later = b.first(where: { $0.name == name })?.seconds, seconds > 0 else { return nil }
            let ratio = later / seconds
            return Change(
                name: name, before: seconds, after: later, ratio: ratio,
                slower: ratio > 1 + Self.tolerance && later - seconds > 0.005 * longest)
        }.sorted { $0.ratio > $1.ratio }
    }

    private static func read(_ path: String) throws -> Side {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw DataError(
                file: path, "it cannot be read", remedy: "Give a file that dsd bench --json wrote.")
        }
        do {
            if let kernels = try? JSONDecoder().decode(KernelBench.Result.self, from: bytes) {
                return Side(kernels)
            }
            return Side(try JSONDecoder().decode(BenchResult.self, from: bytes))
        } catch {
            throw DataError(
                file: path, "it is not a result of dsd bench: \(error)",
                remedy: "Give a file that dsd bench --json wrote.")
        }
    }
}

extension BenchComparison.Side {
    /// Whole step, bare layers, lines and layers.
    init(_ r: BenchResult) {
        (date, machine, imagesPerSecond, stepOverFloor) = (
            r.date, r.machine, r.imagesPerSecond, r.stepOverFloor
        )
        what =
            "\(r.preset), \(r.convolutions), box \(r.sizes.box), \(r.sizes.batch) images, \(r.machine.device)"
        var times: [Time] = []
        if let run = r.runs.last {
            times = [
                Time(name: "whole step", seconds: run.step.median),
                Time(name: "bare layers", seconds: run.floor.median),
            ]
            times += run.lines.dropLast().map { Time(name: $0.name, seconds: $0.seconds) }
            times += run.layers.map { Time(name: $0.name, seconds: $0.seconds) }
        }
        self.times = times
    }

    init(_ r: KernelBench.Result) {
        (date, machine, imagesPerSecond, stepOverFloor) = (r.date, r.machine, nil, nil)
        what = "kernels, \(r.threads) threads, \(r.machine.device)"
        times = r.rows.map {
            Time(name: "\($0.kernel), \($0.batch) x \($0.side)^3", seconds: $0.ours.median)
        }
    }
}
