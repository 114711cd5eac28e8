import Foundation

/// The words of a progress line, from numbers alone.
struct ProgressText {
    var title: String
    var unit: String
    var done: Int
    var total: Int
    /// Units a second; nil until it can be told.
    var rate: Double?
    /// Resident memory, bytes.
    var memory: Int?
    var note = ""

    var fraction: Double { total > 0 ? min(1, max(0, Double(done) / Double(total))) : 0 }

    /// Seconds to the end.
    var timeLeft: Double? {
        guard let rate, rate > 0, done < total else { return nil }
        return Double(total - done) / rate
    }

    /// `title  45 %  900/2000 images  450/s  2 s left  1.2 GB  note`
    var plain: String { ([title] + facts).joined(separator: "  ") }

    /// The same with a bar; it fits into `width` columns.
    func drawn(width: Int) -> String {
        let filled = Int((fraction * Double(Self.barLength)).rounded(.down))
        let bar =
            String(repeating: "#", count: filled) + String(repeating: ".", count: Self.barLength - filled)
        return String(([title, "[\(bar)]"] + facts).joined(separator: "  ").prefix(max(20, width - 1)))
    }

    private static let barLength = 24

    private var facts: [String] {
        var parts = [String(format: "%3.0f %%", (fraction * 100).rounded(.down)), "\(done)/\(total) \(unit)"]
        if let rate { parts.append(Self.number(rate) + "/s") }
        if let timeLeft { parts.append(Self.duration(timeLeft) + " left") }
        if let memory { parts.append(Self.size(memory)) }
        if !note.isEmpty { parts.append(note) }
        return parts
    }

    /// Three significant digits.
    static func number(_ value: Double) -> String {
        value >= 99.95
            ? String(format: "%.0f", value) : String(format: value >= 9.995 ? "%.1f" : "%.2f", value)
    }

    /// `4.2 s`, `3 min 20 s`, `2 h 05 min`.
    static func duration(_ seconds: Double) -> String {
        if seconds < 9.95 { return String(format: "%.1f s", max(0, seconds)) }
        guard seconds < 1e8 else { return "years" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return String(format: "%d min %02d s", whole / 60, whole % 60) }
        return String(format: "%d h %02d min", whole / 3600, whole % 3600 / 60)
    }

    /// `250 MB`, `1.2 GB`.
    static func size(_ bytes: Int) -> String {
        bytes < 1_000_000_000
            ? "\(bytes / 1_000_000) MB" : String(format: "%.1f GB", Double(bytes) / 1e9)
    }
}
