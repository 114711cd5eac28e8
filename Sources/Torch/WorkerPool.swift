import Foundation
import Synchronization

/// Threads that each work on a part of a batch, with one libtorch thread inside: cores split images, not
/// operators.
///
/// A part runs forward and backward on one thread, so gradient recording, a mode of the thread, holds. The
/// caller's thread works on the first part itself.
public final class WorkerPool: Sendable {
    public let count: Int
    private let shared = Shared()

    public init(count: Int) {
        self.count = max(1, count)
        for index in 1..<max(2, self.count) where index < self.count {
            let thread = Thread { [shared] in shared.run(index) }
            thread.stackSize = 16 << 20
            thread.start()
        }
    }

    deinit { shared.stop() }

    /// Calls `body` with 0 ..< count, each on its own thread, and waits; results in that order, or the
    /// first error in that order. Calls from several threads take turns; a body must not call its own pool.
    public func map<Value: Sendable>(_ body: @escaping @Sendable (Int) throws -> Value) throws -> [Value] {
        let slots = Slots<Value>(count)
        shared.perform(others: count - 1) { index in slots.set(index, Result { try body(index) }) }
        return try slots.values()
    }

    /// Places 0 ..< sizes.count in a part for each thread, with sizes that add up to nearly the same.
    public func balanced(_ sizes: [Int]) -> [[Int]] {
        var parts = [[Int]](repeating: [], count: count)
        var sums = [Int](repeating: 0, count: count)
        for place in sizes.indices.sorted(by: { (sizes[$1], $0) < (sizes[$0], $1) }) {
            let least = sums.indices.min { sums[$0] < sums[$1] } ?? 0
            parts[least].append(place)
            sums[least] += sizes[place]
        }
        return parts
    }

    /// What the threads see; it outlives the pool until the last thread has left.
    private final class Shared: Sendable {
        private struct State {
            var job: (@Sendable (Int) -> Void)?
            var stopped = false
        }
        private let turn = NSLock(), condition = NSCondition()
        private let state = Mutex(State())
        private let generation = Atomic(0), pending = Atomic(0)

        func perform(others: Int, _ body: @escaping @Sendable (Int) -> Void) {
            turn.lock()
            defer { turn.unlock() }
            state.withLock { $0.job = body }
            pending.store(others, ordering: .relaxed)
            wake { _ = generation.add(1, ordering: .releasing) }
            let threads = (try? Runtime.threads()) ?? 1
            if threads > 1 { try? Runtime.setThreads(1) }
            withGradient { body(0) }
            if threads > 1 { try? Runtime.setThreads(threads) }
            waitUntil { pending.load(ordering: .acquiring) == 0 }
            state.withLock { $0.job = nil }
        }

        func stop() {
            state.withLock { $0.stopped = true }
            wake { _ = generation.add(1, ordering: .releasing) }
        }

        func run(_ index: Int) {
            try? Runtime.setThreads(1)
            var seen = 0
            while true {
                waitUntil { self.generation.load(ordering: .acquiring) != seen }
                seen = generation.load(ordering: .acquiring)
                let (body, stopped) = state.withLock { ($0.job, $0.stopped) }
                guard let body, !stopped else { return }
                body(index)
                if pending.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { wake {} }
            }
        }

        /// Looks for a while before it sleeps: parts follow each other so closely in a step that falling
        /// asleep and waking took longer than what lies between them.
        private func waitUntil(_ isReady: () -> Bool) {
            let end = DispatchTime.now().uptimeNanoseconds + Self.patience
            while !isReady() {
                guard DispatchTime.now().uptimeNanoseconds < end else {
                    condition.lock()
                    while !isReady() { condition.wait() }
                    condition.unlock()
                    return
                }
                sched_yield()
            }
        }

        /// Nanoseconds: longer than what a step of a small model does between its turns.
        private static let patience: UInt64 = 2_000_000

        private func wake(_ change: () -> Void) {
            condition.lock()
            change()
            condition.broadcast()
            condition.unlock()
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
