import CryoIO
import Foundation

/// The folder that a command writes to.
enum OutputFolder {
    /// Makes the folder where it is missing.
    /// - Throws: `DataError` where it cannot be made or written to.
    static func create(_ path: String) throws(DataError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw DataError(
                file: path, "the folder cannot be made: \(error.localizedDescription)",
                remedy: "Give an --output folder that you may write to")
        }
        guard FileManager.default.isWritableFile(atPath: path) else {
            throw DataError(
                file: path, "the folder cannot be written to",
                remedy: "Give an --output folder that you may write to")
        }
    }

    /// Runs `body`, which writes to the folder; if it fails, a folder that was not there before is removed
    /// again.
    static func filling<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
        let fresh = !FileManager.default.fileExists(atPath: path)
        try create(path)
        do { return try body() } catch {
            if fresh { try? FileManager.default.removeItem(atPath: path) }
            throw error
        }
    }
}
