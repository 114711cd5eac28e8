import Foundation

/// Threads that each work on a part of a batch, with one libtorch thread inside: cores split images, not
/// operators.
///
/// A part runs forward and backward on one thread, so gradient recording, a mode of the thread, holds.
public final class WorkerPool: Sendable {
    public let count: Int
    private let shared = Shared()

    public init(count: Int) {
        self.count = max(1, count)
        for index in 0..<self.count {
            let thread = Thread { [shared] in shared.run(index) }
            thread.stackSize = 16 << 20
            thread.start()
        }
    }

    deinit { shared.stop() }

    /// Calls `body` with 0 ..< count, each on its own thread, and waits; results in that order, or the
    /// first error in
    /// that order. Calls from several threads take turns; a body must not call its own pool.
    public func map<Value: Sendable>(_ body: @escaping @Sendable (Int) throws -> Value) throws -> [Value] {
        let slots = Slots<Value>(count)
        shared.perform(count) { index in slots.set(index, Result { try body(index) }) }
        return try slots.values()
    }

    /// What the threads see; it outlives the pool until the last thread has left.
    private final class Shared: @unchecked Sendable {
        private let turn = NSLock(), condition = NSCondition()
        private var job: (@Sendable (Int) -> Void)?
        private var generation = 0, pending = 0
        private var stopped = false

        func perform(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
            turn.lock()
            defer { turn.unlock() }
            condition.lock()
            defer { condition.unlock() }
            job = body
            pending = count
            generation += 1
            condition.broadcast()
            while pending > 0 { condition.wait() }
            job = nil
        }

        func stop() {
            condition.lock()
            stopped = true
            condition.broadcast()
            condition.unlock()
        }

        func run(_ index: Int) {
            try? Runtime.setThreads(1)
            var seen = 0
            while true {
                condition.lock()
                while generation == seen && !stopped { condition.wait() }
                seen = generation
                let body = job
                let leave = stopped
                condition.unlock()
                guard let body, !leave else { return }
                body(index)
                condition.lock()
                pending -= 1
                if pending == 0 { condition.broadcast() }
                condition.unlock()
            }
        }
    }

    /// One slot a worker; a slot is written by its worker alone and read after all have finished.
    private final class Slots<Value>: @unchecked Sendable {
        private var results: [Result<Value, Error>?]
        private let lock = NSLock()
        init(_ count: Int) { results = Array(repeating: nil, count: count) }
        func set(_ index: Int, _ value: Result<Value, Error>) {
            lock.lock()
            results[index] = value
            lock.unlock()
        }
        func values() throws -> [Value] { try results.compactMap { try $0?.get() } }
    }
}
