import Diagnostics
import Foundation

/// A kernel against libtorch as a line.
enum KernelText {
    static func line(_ row: KernelBench.Row) -> String {
        let name = "\(row.kernel), \(row.batch) x \(row.side)^3"
        return name.padding(toLength: max(56, name.count), withPad: " ", startingAt: 0)
            + String(
                format: "%9.3f ms, libtorch %9.3f ms, x %.1f, difference %.1e", row.ours.median * 1000,
                row.libtorch.median * 1000, row.ratio, row.difference)
    }
}
