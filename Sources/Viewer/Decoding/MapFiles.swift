import Foundation
import OpusDSD

/// The maps of a run's folder that the page can show.
enum MapFiles {
    struct Entry: Encodable {
        /// Relative to the run's folder.
        let path: String
        let name: String
        let group: String
    }

    static let limit = 1000

    static func all(in folder: RunFolder) -> [Entry] {
        let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        let maps = files.filter { name in
            name.hasSuffix(".mrc") && !name.split(separator: "/").contains { $0.hasPrefix(".") }
                && !name.hasPrefix("cache/") && !name.contains("_half")
        }
        return maps.sorted().prefix(limit).map(entry)
    }

    private static func entry(_ path: String) -> Entry {
        let parts = path.split(separator: "/").map(String.init)
        let stem = String((parts.last ?? path).dropLast(4))
        let folder = parts.dropLast().joined(separator: "/")
        let group =
            switch folder {
            case "": "Run"
            case "analysis/volumes": "Clusters"
            default: folder
            }
        let words = stem.split(separator: "_")
        if folder == "analysis/volumes", words.count == 2, let number = Int(words[1]) {
            return Entry(path: path, name: "Cluster \(number), \(words[0])", group: group)
        }
        return Entry(path: path, name: stem, group: group)
    }
}
