import Foundation
import Torch

/// Makes the batches of an epoch on a thread of its own while earlier ones are trained on: images are read from the
/// disk, tables are laid out and copies to the device are started there. At most `ahead` batches wait.
package final class BatchReader: @unchecked Sendable {
    private let condition = NSCondition()
    private var ready: [Result<[ParticleBatch], Error>] = []
    private var stopped = false
    private static let ahead = 2

    /// - Parameter parts: how many parts each batch is split into; empty ones are left out.
    init(_ data: StageData, batches: [[Int]], from first: Int, parts: Int) {
        let thread = Thread { [self] in
            try? Runtime.setThreads(1)
            for batch in batches[first...] {
                guard waitForRoom() else { return }
                deliver(
                    Result {
                        try TrainingStep.split(batch, into: parts).filter { !$0.isEmpty }.map(data.batch)
                    })
            }
        }
        thread.stackSize = 16 << 20
        thread.start()
    }

    /// The next batch; it must not be asked for more often than there are batches.
    package func next() throws -> [ParticleBatch] {
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

    private func deliver(_ batch: Result<[ParticleBatch], Error>) {
        condition.lock()
        ready.append(batch)
        condition.broadcast()
        condition.unlock()
    }
}
