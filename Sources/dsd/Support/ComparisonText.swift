import Diagnostics
import Foundation

/// Two results of `dsd bench` side by side.
struct ComparisonText {
    let comparison: BenchComparison

    init(_ comparison: BenchComparison) { self.comparison = comparison }

    var text: String {
        let (a, b) = (comparison.older, comparison.newer)
        var head = ["\(a.date) on \(a.machine.processor), \(b.date) on \(b.machine.processor)"]
        if let before = a.imagesPerSecond, let after = b.imagesPerSecond, let ratioBefore = a.stepOverFloor,
            let ratioAfter = b.stepOverFloor
        {
            head.append(
                String(
                    format: "images/s %.1f -> %.1f, step / bare layers %.3f -> %.3f", before, after,
                    ratioBefore,
                    ratioAfter))
        }
        head.append("milliseconds before and after")
        let lines = comparison.changes.map { change in
            change.name.padding(toLength: max(44, change.name.count), withPad: " ", startingAt: 0)
                + String(
                    format: "%10.3f %10.3f  x %.2f", change.before * 1000, change.after * 1000, change.ratio)
                + (change.slower ? "  slower" : "")
        }
        let slower = comparison.changes.filter(\.slower).map(\.name)
        let end = slower.isEmpty ? "nothing got slower" : "slower: " + slower.joined(separator: ", ")
        return (head + lines + [end]).joined(separator: "\n")
    }
}
