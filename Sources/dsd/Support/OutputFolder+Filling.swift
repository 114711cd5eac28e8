import CryoIO
import Foundation

extension OutputFolder {
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
