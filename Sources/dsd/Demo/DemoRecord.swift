import Analysis
import CryoIO
import Foundation

/// `demo.json`: what a demonstration was asked for, and once it is complete what it found.
struct DemoRecord: Codable, Equatable {
    var version: String
    var settings: DemoSettings
    /// nil until the demonstration is complete.
    var score: RunScore?

    /// nil where the folder has none.
    static func read(_ path: String) throws(DataError) -> DemoRecord? {
        guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
        do { return try JSONDecoder().decode(DemoRecord.self, from: bytes) } catch {
            throw DataError(
                file: path, "it is not the record of a demonstration: \(error)",
                remedy: "Remove the folder, or give another --output")
        }
    }

    func write(to path: String) throws {
        try AtomicFile.write(text: try JSONOutput.text(self) + "\n", to: path)
    }
}
