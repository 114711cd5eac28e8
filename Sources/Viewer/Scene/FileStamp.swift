import Foundation

/// Tells whether files have changed: their sizes and times.
struct FileStamp: Equatable, Sendable {
    private let facts: [String]

    init(_ paths: [String]) {
        facts = paths.map { path in
            guard let found = try? FileManager.default.attributesOfItem(atPath: path) else { return "-" }
            let time = (found[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            return "\((found[.size] as? NSNumber)?.int64Value ?? 0) \(time)"
        }
    }

    /// The same for the same files, shown to the page so that it knows when to ask anew.
    var text: String {
        String(
            facts.joined(separator: ",").utf8.reduce(UInt64(14_695_981_039_346_656_037)) {
                ($0 ^ UInt64($1)) &* 1_099_511_628_211
            }, radix: 16)
    }
}
