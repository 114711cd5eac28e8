import CryoIO
import Foundation

/// A folder that appears whole: its files are written to a temporary folder beside it, which takes its name
/// at the end. What was there before goes.
public struct StagedFolder: Sendable {
    public let path: String
    private let working: String

    public init(_ path: String) throws(DataError) {
        self.path = path
        let parent = (path as NSString).deletingLastPathComponent
        working = "\(parent)/.\((path as NSString).lastPathComponent).partial"
        try? FileManager.default.removeItem(atPath: working)
        try OutputFolder.create(working)
    }

    /// Where to write a file of the folder. It is as deep as the final place, so relative paths in it hold.
    public func file(_ name: String) -> String { "\(working)/\(name)" }

    /// Where to write files of a folder within.
    public func folder(_ name: String) throws(DataError) -> String {
        try OutputFolder.create(file(name))
        return file(name)
    }

    public func commit() throws(DataError) {
        let files = FileManager.default
        let old = working + ".old"
        do {
            try? files.removeItem(atPath: old)
            if files.fileExists(atPath: path) { try files.moveItem(atPath: path, toPath: old) }
            try files.moveItem(atPath: working, toPath: path)
            try? files.removeItem(atPath: old)
        } catch {
            throw DataError(
                file: path, "the finished folder cannot be put in its place: \(error.localizedDescription)",
                remedy: "Make the run's folder writable.")
        }
    }
}
