import Foundation

/// Where progress is shown, and the clock it goes by.
struct ProgressScreen: Sendable {
    var isTerminal: Bool
    var write: @Sendable (String) -> Void
    /// Seconds from an arbitrary start.
    var now: @Sendable () -> Double
    /// Columns of the terminal.
    var width: @Sendable () -> Int
    /// Resident memory of this program, bytes.
    var memory: @Sendable () -> Int?

    static let standardError = ProgressScreen(
        isTerminal: isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb",
        write: ErrorPrinting.standardError,
        now: { ProcessInfo.processInfo.systemUptime },
        width: terminalWidth,
        memory: residentMemory)

    private static func terminalWidth() -> Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
        return Int(size.ws_col)
    }

    /// From `/proc/self/statm`, pages; nil where there is none.
    private static func residentMemory() -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
