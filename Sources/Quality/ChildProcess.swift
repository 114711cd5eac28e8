import CryoIO
import Foundation

/// A program run to its end, with what it took.
public struct ChildProcess: Sendable {
    /// What a program took, its own children that it waited for included.
    public struct Cost: Sendable, Equatable, Codable {
        /// Wall clock.
        public var seconds: Double
        /// Of all threads, user and system.
        public var cpuSeconds: Double
        /// Largest resident size of one process, the program or one below it, looked up 20 times a second.
        public var peakBytes: Int

        public init(seconds: Double, cpuSeconds: Double, peakBytes: Int) {
            (self.seconds, self.cpuSeconds, self.peakBytes) = (seconds, cpuSeconds, peakBytes)
        }
    }

    public let cost: Cost
    /// Exit status; 128 and the signal's number where a signal ended it.
    public let status: Int

    /// Runs a program; standard output and error go to a file, which is replaced.
    /// - Throws: `DataError` where it cannot be started.
    public init(_ path: String, _ arguments: [String], log: String) throws(DataError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        let start = Date()
        var child = pid_t()
        let failure = posix_spawn(&child, path, &actions, nil, words, environ)
        guard failure == 0 else {
            throw DataError(
                file: path, "the program cannot be started", found: String(cString: strerror(failure)))
        }
        var state: Int32 = 0
        var usage = rusage()
        var peak = 0
        while true {
            let ended = wait4(child, &state, WNOHANG, &usage)
            if ended == child || (ended == -1 && errno != EINTR) { break }
            peak = max(peak, Self.peakBytes(of: child))
            usleep(50_000)
        }
        func seconds(_ t: timeval) -> Double { Double(t.tv_sec) + Double(t.tv_usec) * 1e-6 }
        cost = Cost(
            seconds: Date().timeIntervalSince(start),
            cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime), peakBytes: peak)
        let signal = Int(state & 0x7f)
        status = signal == 0 ? Int(state >> 8 & 0xff) : 128 + signal
    }

    /// The high-water mark of a process and those below it. (`ru_maxrss` will not do: a program started by
    /// `vfork` inherits that of this one.)
    private static func peakBytes(of process: pid_t) -> Int {
        func text(_ name: String) -> String {
            let bytes = FileManager.default.contents(atPath: "/proc/\(process)/\(name)") ?? Data()
            return String(decoding: bytes, as: UTF8.self)
        }
        let line = text("status").split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
        let below = text("task/\(process)/children").split(separator: " ").compactMap { pid_t($0) }
        return below.map(peakBytes).reduce((kilobytes ?? 0) * 1024, max)
    }

    /// The last line of a log that says something, for the reason of a failure.
    public static func lastLine(of log: String) -> String {
        let bytes = FileManager.default.contents(atPath: log) ?? Data()
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        let last = lines.last { !$0.allSatisfy(\.isWhitespace) } ?? "no output"
        return String(last.suffix(300))
    }
}
