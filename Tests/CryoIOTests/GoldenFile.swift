import Foundation
import Testing

/// Files that outside programs wrote, in the folder `Golden` beside the tests.
enum GoldenFile {
    static func path(_ name: String) throws -> String {
        let folder = try #require(Bundle.module.url(forResource: "Golden", withExtension: nil))
        return folder.appending(path: name).path
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path(name))))
    }
}
