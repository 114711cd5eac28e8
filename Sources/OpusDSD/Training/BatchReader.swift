import Foundation
import Torch

/// Makes the batches of an epoch on a thread of its own while earlier ones are trained on: images are read
/// from the disk, tables are laid out and copies to the device are started there. At most `ahead` batches
/// wait.
package final class BatchReader: @unchecked Sendable {
    private let condition = NSCondition()
    private var ready: [Result<StepBatch, Error>] = []
    private var stopped = false
    private static let ahead = 2

    /// - Parameters:
    ///   - workers: how many parts this process's share of a batch is split into.
    ///   - team: the processes that share the batches.
    init(_ data: StageData, batches: [PlannedBatch], from first: Int, workers: Int, team: Team?) {
        let thread = Thread { [self] in
            try? Runtime.setThreads(1)
            for batch in batches[first...] {
                guard waitForRoom() else { return }
                deliver(Result { try StepBatch(batch, data, workers: workers, team: team) })
            }
        }
        thread.stackSize = 16 << 20
        thread.start()
    }

    /// The next batch; it must not be asked for more often than there are batches.
    package func next() throws -> StepBatch {
        condition.lock()
        defer { condition.unlock() }
        while ready.isEmpty { condition.wait() }
        condition.broadcast()
        return try ready.removeFirst().get()
    }

    /// Ends the thread; batches that are ready are dropped.
    package func stop() {
        condition.lock()
        stopped = true
        condition.broadcast()
        condition.unlock()
    }

    private func waitForRoom() -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while ready.count >= Self.ahead && !stopped { condition.wait() }
        return !stopped
    }

    private func deliver(_ batch: Result<StepBatch, Error>) {
        condition.lock()
        ready.append(batch)
        condition.broadcast()
        condition.unlock()
    }
}
