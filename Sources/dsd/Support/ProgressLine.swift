import Foundation
import Synchronization

/// Shows how far long work is, on standard error.
///
/// On a terminal one line is redrawn at most ten times a second; elsewhere plain lines come after 1 s,
/// another 2 s, 5 s, 10 s, 30 s and then every 60 s, so that a log of hours stays short.
final class ProgressLine: Sendable {
    private struct State {
        /// Work and time of the first report, from which the rate is told.
        var first: (done: Int, time: Double)?
        var latest: ProgressText
        var shown: Double
        var printed = 0
        var isFinished = false
    }

    private let screen: ProgressScreen
    private let quiet: Bool
    private let start: Double
    private let state: Mutex<State>

    static let intervals: [Double] = [1, 2, 5, 10, 30, 60]
    static let redraw = 0.1

    /// - Parameters:
    ///   - title: what is done, such as `encoding`.
    ///   - unit: what is counted, such as `images`.
    ///   - quiet: shows nothing at all.
    convenience init(_ title: String, unit: String, quiet: Bool = false) {
        self.init(title, unit: unit, quiet: quiet, screen: .standardError)
    }

    init(_ title: String, unit: String, quiet: Bool, screen: ProgressScreen) {
        self.screen = screen
        self.quiet = quiet
        start = screen.now()
        state = Mutex(State(latest: ProgressText(title: title, unit: unit, done: 0, total: 0), shown: start))
    }

    /// Tells how much of the work is done; cheap enough for every batch.
    func update(done: Int, of total: Int, note: String = "") {
        guard !quiet else { return }
        let now = screen.now()
        state.withLock { state in
            guard !state.isFinished else { return }
            let first = state.first ?? (done, now)
            state.first = first
            state.latest.done = done
            state.latest.total = total
            state.latest.note = note
            guard now - state.shown >= wait(state) else { return }
            state.latest.rate = now - first.time > 0.2 ? Double(done - first.done) / (now - first.time) : nil
            state.latest.memory = screen.memory()
            state.shown = now
            state.printed += 1
            screen.write(
                screen.isTerminal
                    ? "\r" + state.latest.drawn(width: screen.width()) + "\u{1b}[K"
                    : state.latest.plain + "\n")
        }
    }

    /// Ends the line. `summary` takes the place of the number of units and the time.
    func finish(_ summary: String? = nil) {
        guard !quiet else { return }
        let now = screen.now()
        state.withLock { state in
            guard !state.isFinished else { return }
            state.isFinished = true
            let clear = screen.isTerminal && state.printed > 0 ? "\r\u{1b}[K" : ""
            guard let text = summary ?? closing(state, now) else {
                screen.write(clear)
                return
            }
            screen.write("\(clear)\(state.latest.title): \(text)\n")
        }
    }

    private func closing(_ state: State, _ now: Double) -> String? {
        guard state.first != nil else { return nil }
        let (done, total) = (state.latest.done, state.latest.total)
        return "\(done)/\(total) \(state.latest.unit), \(ProgressText.duration(now - start))"
    }

    private func wait(_ state: State) -> Double {
        if screen.isTerminal { return state.printed == 0 ? 0 : Self.redraw }
        return Self.intervals[min(state.printed, Self.intervals.count - 1)]
    }
}
