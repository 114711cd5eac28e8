import Foundation

/// One thread for all work with the model. Tensor work keeps its settings by thread, and maps are made
/// fastest one after the other with all cores each.
final class DecodingThread: @unchecked Sendable {
    private let condition = NSCondition()
    private var jobs: [@Sendable () -> Void] = []
    private var isStopped = false

    init() {
        let thread = Thread { [self] in
            while let job = next() { job() }
        }
        thread.name = "decoding"
        thread.stackSize = 16 << 20
        thread.start()
    }

    /// Ends the thread after the work at hand; work that waits is not begun.
    func stop() {
        condition.lock()
        isStopped = true
        condition.signal()
        condition.unlock()
    }

    private func next() -> (@Sendable () -> Void)? {
        condition.lock()
        defer { condition.unlock() }
        while jobs.isEmpty, !isStopped { condition.wait() }
        return jobs.isEmpty ? nil : jobs.removeFirst()
    }

    private func add(_ job: @escaping @Sendable () -> Void) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        guard !isStopped else { return false }
        jobs.append(job)
        condition.signal()
        return true
    }

    /// Does work on the thread and waits for it, without holding another thread.
    func perform<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let isTaken = add { continuation.resume(with: Result(catching: work)) }
            if !isTaken { continuation.resume(throwing: CancellationError()) }
        }
    }
}
