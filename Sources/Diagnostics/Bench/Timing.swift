import Foundation
import Torch

/// Seconds of one thing measured again and again.
public struct Timing: Codable, Sendable {
    public let median: Double
    /// Tenth and ninetieth percentile.
    public let low: Double, high: Double
    public let samples: Int

    init(_ seconds: [Double]) {
        let sorted = seconds.sorted()
        func at(_ share: Double) -> Double {
            sorted.isEmpty ? 0 : sorted[Int((share * Double(sorted.count - 1)).rounded())]
        }
        (median, low, high, samples) = (at(0.5), at(0.1), at(0.9), sorted.count)
    }

    init(median: Double, low: Double, high: Double, samples: Int) {
        (self.median, self.low, self.high, self.samples) = (median, low, high, samples)
    }

    /// Nothing to do.
    static let none = Timing(median: 0, low: 0, high: 0, samples: .max)

    /// One after the other.
    static func + (a: Timing, b: Timing) -> Timing {
        Timing(
            median: a.median + b.median, low: a.low + b.low, high: a.high + b.high,
            samples: min(a.samples, b.samples))
    }
}

/// How long and how often things are measured.
public struct Stopwatch: Sendable {
    let device: Device
    /// Wanted seconds a thing.
    let seconds: Double
    static let fewest = 5, most = 200

    /// Repeats `body` and times each call, until the device has done it.
    ///
    /// - Parameter repeats: calls in one sample; between them a CUDA device is not waited for.
    func time(repeats: Int = 1, _ body: () throws -> Void) throws -> Timing {
        func sample() throws -> Double {
            let start = DispatchTime.now().uptimeNanoseconds
            for _ in 0..<repeats { try body() }
            try Runtime.synchronize(device)
            return Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9 / Double(repeats)
        }
        _ = try sample()
        var all = [try sample()]
        let budget = seconds / max(1e-6, all[0] * Double(repeats))
        let wanted = min(Self.most, max(Self.fewest, Int(budget)))
        while all.count < wanted { all.append(try sample()) }
        return Timing(all)
    }
}
