import Foundation

/// Progress lines one after the other: a new title ends the line before. Titles that begin with "maps" count
/// maps, the others images.
final class ProgressByTitle: @unchecked Sendable {
    private var current: (title: String, line: ProgressLine)?
    private var done = 0
    private let lock = NSLock()

    /// `done` of `all` so far.
    func update(_ title: String, _ done: Int, _ all: Int) {
        lock.lock()
        defer { lock.unlock() }
        line(title).update(done: done, of: all)
    }

    /// `count` more of `all`.
    func add(_ title: String, _ count: Int, of all: Int) {
        lock.lock()
        defer { lock.unlock() }
        let line = line(title)
        done += count
        line.update(done: done, of: all)
    }

    func finish() {
        lock.lock()
        defer { lock.unlock() }
        current?.line.finish()
        current = nil
    }

    private func line(_ title: String) -> ProgressLine {
        if let current, current.title == title { return current.line }
        current?.line.finish()
        done = 0
        let line = ProgressLine(title, unit: title.hasPrefix("maps ") ? "maps" : "images")
        current = (title, line)
        return line
    }
}
