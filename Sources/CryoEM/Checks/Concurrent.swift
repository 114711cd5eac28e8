import Dispatch
import Foundation

/// Work split over the processors without libtorch.
enum Concurrent {
    /// `body` of 0 ..< count, in that order.
    static func map<Value: Sendable>(_ count: Int, _ body: @Sendable (Int) -> Value) -> [Value] {
        let slots = Slots<Value>(count)
        DispatchQueue.concurrentPerform(iterations: count) { slots.set($0, body($0)) }
        return slots.values
    }

    private final class Slots<Value: Sendable>: @unchecked Sendable {
        private var results: [Value?]
        private let lock = NSLock()

        init(_ count: Int) { results = Array(repeating: nil, count: count) }

        func set(_ index: Int, _ value: Value) {
            lock.lock()
            results[index] = value
            lock.unlock()
        }

        var values: [Value] { results.compactMap { $0 } }
    }
}
