import Foundation

/// The time a run was trained, from its log: the spans from the first to the last line of each start.
enum TrainingTime {
    /// What the first line of a start says after its time.
    private static let opening = "configuration:"

    /// Seconds; nil where there is no log.
    static func seconds(log path: String) -> Double? {
        guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
        var spans: [(first: Date, last: Date)] = []
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            guard let space = line.firstIndex(of: " "),
                let time = try? Date(String(line[..<space]), strategy: .iso8601)
            else { continue }
            if spans.isEmpty || line[space...].dropFirst().hasPrefix(opening) {
                spans.append((time, time))
            } else {
                spans[spans.count - 1].last = time
            }
        }
        let sum = spans.reduce(0) { $0 + $1.last.timeIntervalSince($1.first) }
        return sum > 0 ? sum : nil
    }
}
