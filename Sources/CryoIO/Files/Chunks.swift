import Dispatch

/// Work on parts of a large input on all cores.
enum Chunks {
    /// Calls `body` for each part, on several threads where there is more than one part.
    static func forEach(_ count: Int, _ body: @Sendable (Int) -> Void) {
        if count == 1 { body(0) } else { DispatchQueue.concurrentPerform(iterations: count, execute: body) }
    }

    /// `0..<length` cut into parts of about `size`.
    static func ranges(_ length: Int, size: Int) -> [Range<Int>] {
        let count = max(1, (length + size - 1) / size)
        return (0..<count).map { length * $0 / count..<length * ($0 + 1) / count }
    }
}

/// Memory that several threads write at places of their own, which the caller must see to.
struct SharedBuffer<Element>: @unchecked Sendable {
    let base: UnsafeMutablePointer<Element>
}
