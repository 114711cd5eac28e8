import Dispatch
import Foundation

/// Work over a range, split into chunks whose bounds never depend on the number of threads, so that sums made
/// chunk by chunk and added in order are the same on every machine.
enum Parallel {
    static func resolved(_ threads: Int?) -> Int {
        max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount)
    }

    static func chunkCount(_ count: Int, size: Int) -> Int { (count + size - 1) / size }

    /// Calls `body` once for every chunk with its number and its range, from up to `threads` threads at a
    /// time.
    static func chunks(_ count: Int, size: Int, threads: Int, _ body: (Int, Range<Int>) -> Void) {
        let total = chunkCount(count, size: size)
        let workers = min(threads, total)
        if workers <= 1 {
            for c in 0..<total { body(c, c * size..<min(count, (c + 1) * size)) }
            return
        }
        withoutActuallyEscaping(body) { body in
            // Every call writes only its own chunk's part, and all have ended when concurrentPerform returns.
            nonisolated(unsafe) let work = body
            DispatchQueue.concurrentPerform(iterations: workers) { worker in
                for c in stride(from: worker, to: total, by: workers) {
                    work(c, c * size..<min(count, (c + 1) * size))
                }
            }
        }
    }

    /// The sum over all chunks of what `body` returns for each, added in chunk order.
    static func sum(_ count: Int, size: Int, threads: Int, _ body: (Range<Int>) -> Double) -> Double {
        let partial = Storage<Double>(repeating: 0, count: chunkCount(count, size: size))
        chunks(count, size: size, threads: threads) { c, range in partial.base[c] = body(range) }
        return partial.array.reduce(0, +)
    }
}
