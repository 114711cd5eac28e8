/// A command's help with its example at the end, on one line that can be copied.
enum HelpText {
    static let mark = "Example: "

    /// Moves the paragraph that begins with `mark` from the overview to the end, its lines joined.
    static func endingInExample(_ help: String) -> String {
        var lines = help.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let first = lines.firstIndex(where: { $0.hasPrefix(mark) }) else { return help }
        let end = lines[first...].firstIndex(of: "") ?? lines.count
        let example = lines[first..<end].map(trimmed).joined(separator: " ").dropFirst(mark.count)
        lines.removeSubrange(first..<min(end + 1, lines.count))
        while lines.last?.isEmpty == true { lines.removeLast() }
        return (lines + ["", "EXAMPLE:", "  \(example)"]).joined(separator: "\n")
    }

    private static func trimmed(_ line: String) -> Substring {
        line.drop { $0 == " " }
    }
}
