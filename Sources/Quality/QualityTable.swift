import Foundation

/// The results as one table, every cell filled: with a number, or with why there is none.
public struct QualityTable: Sendable {
    public let title: String
    public let results: [QualityResult]

    public init(title: String, results: [QualityResult]) { (self.title, self.results) = (title, results) }

    static let costs = ["CPU min", "minutes", "GB"]
    static var columns: [String] {
        ["set", "configuration", "seed"] + QualityScore.columns.map(\.name) + costs
    }

    private static func costs(_ cost: ChildProcess.Cost) -> [Double] {
        [cost.cpuSeconds / 60, cost.seconds / 60, Double(cost.peakBytes) * 1e-9]
    }

    /// RFC 4180, a line a result; an empty measure holds its reason after `n/a: `.
    public var csv: String {
        let rows = results.map { result -> [String] in
            let place = [result.set, result.configuration, "\(result.seed)"]
            guard let score = result.score, let cost = result.cost else {
                let reason = "\(result.status.rawValue): \(result.reason ?? "")"
                return place + Array(repeating: reason, count: QualityScore.columns.count + Self.costs.count)
            }
            let measures = QualityScore.columns.map { column in
                let measure = score[keyPath: column.path]
                return measure.value.map { String(format: "%.6f", $0) } ?? "n/a: \(measure.reason ?? "")"
            }
            return place + measures + Self.costs(cost).map { String(format: "%.4f", $0) }
        }
        return ([Self.columns] + rows).map { $0.map(Self.quoted).joined(separator: ",") }
            .joined(separator: "\n") + "\n"
    }

    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }

    /// Markdown: means over seeds with the range, then every training, then why cells are empty.
    public var markdown: String {
        var notes = Notes()
        let all = results.map { result in
            [result.set, result.configuration, "\(result.seed)"] + cells(result, &notes)
        }
        return [
            "# \(title)", "", "Means over seeds", "", Self.table(means(&notes), columns: Self.meanColumns),
            "",
            "Every training", "", Self.table(all, columns: Self.columns), "", notes.text,
        ].joined(separator: "\n")
    }

    private static func table(_ rows: [[String]], columns: [String]) -> String {
        ([columns, columns.map { _ in "---" }] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
            .joined(separator: "\n")
    }

    private func cells(_ result: QualityResult, _ notes: inout Notes) -> [String] {
        guard let score = result.score, let cost = result.cost else {
            let mark = "\(result.status.rawValue) \(notes.mark(result.reason ?? "no reason given"))"
            return Array(repeating: mark, count: QualityScore.columns.count + Self.costs.count)
        }
        return QualityScore.columns.map { column in
            let measure = score[keyPath: column.path]
            return measure.value.map { String(format: "%.3f", $0) } ?? "- \(notes.mark(measure.reason ?? ""))"
        } + Self.costs(cost).map { String(format: "%.2f", $0) }
    }

    private static var meanColumns: [String] {
        ["set", "configuration", "seeds"] + QualityScore.columns.map(\.name) + costs
    }

    private func means(_ notes: inout Notes) -> [[String]] {
        struct Place: Hashable { let set, configuration: String }
        var order: [Place] = []
        var groups: [Place: [QualityResult]] = [:]
        for result in results {
            let place = Place(set: result.set, configuration: result.configuration)
            if groups[place] == nil { order.append(place) }
            groups[place, default: []].append(result)
        }
        return order.map { place in
            let group = groups[place] ?? []
            let done = group.filter { $0.score != nil && $0.cost != nil }
            let head = [place.set, place.configuration, "\(done.count) of \(group.count)"]
            guard let first = done.first else { return head + cells(group[0], &notes) }
            let measures = QualityScore.columns.map { column -> String in
                let values = done.compactMap { $0.score?[keyPath: column.path].value }
                guard values.count == done.count else {
                    return "- \(notes.mark(first.score?[keyPath: column.path].reason ?? "not in every run"))"
                }
                return Self.spread(values)
            }
            let costs = Self.costs.indices.map { index in
                let values = done.compactMap { $0.cost.map { Self.costs($0)[index] } }
                return String(format: "%.2f", values.reduce(0, +) / Double(values.count))
            }
            return head + measures + costs
        }
    }

    /// The mean, with the least and the largest value where there are several.
    private static func spread(_ values: [Double]) -> String {
        let mean = String(format: "%.3f", values.reduce(0, +) / Double(values.count))
        guard values.count > 1, let low = values.min(), let high = values.max() else { return mean }
        return mean + String(format: " (%.3f to %.3f)", low, high)
    }

    /// Reasons, numbered as they come.
    private struct Notes {
        private var reasons: [String] = []

        mutating func mark(_ reason: String) -> String {
            let clean = reason.replacingOccurrences(of: "\n", with: " ")
            if let known = reasons.firstIndex(of: clean) { return "[\(known + 1)]" }
            reasons.append(clean)
            return "[\(reasons.count)]"
        }

        var text: String {
            reasons.enumerated().map { "[\($0.offset + 1)] \($0.element)\n" }.joined(separator: "\n")
        }
    }
}
