import Foundation

/// Files that tests use but that are not part of the repository: `shared/data` beside it.
public enum SharedData {
    /// Why a test that needs the data is skipped, for `.enabled(if:)`.
    public static let absence: String = "shared/data is not beside the repository"

    public static var isPresent: Bool { folder != nil }

    /// The path of a file or folder in `shared/data`, or nil where it is absent.
    public static func path(_ name: String) -> String? {
        folder.map { $0 + "/" + name }.flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
    }

    /// The nearest `shared/data` in a folder above this source file.
    private static let folder: String? = {
        var parent = URL(filePath: #filePath)
        while parent.path != "/" {
            parent.deleteLastPathComponent()
            let candidate = parent.appending(path: "shared/data").path
            if FileManager.default.fileExists(atPath: candidate) { return candidate }
        }
        return nil
    }()
}
