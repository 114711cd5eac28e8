import Foundation
import Synchronization

/// Lets a command, which is synchronous, wait for asynchronous work.
enum Blocking {
    static func wait(_ work: @escaping @Sendable () async throws -> Void) throws {
        let outcome = Outcome()
        Task {
            do { try await work() } catch { outcome.error.withLock { $0 = error } }
            outcome.isDone.signal()
        }
        outcome.isDone.wait()
        if let error = outcome.error.withLock({ $0 }) { throw error }
    }

    private final class Outcome: Sendable {
        let isDone = DispatchSemaphore(value: 0)
        let error = Mutex<(any Error)?>(nil)
    }
}
