import Foundation

/// A file that a request names, which must lie in the run's folder.
enum RunPath {
    /// The path of a file in `root`. Links are followed before it is judged where the file lies.
    static func file(_ name: String, in root: String) throws(Refusal) -> String {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = !parts.contains { $0.isEmpty || $0 == "." || $0 == ".." }
        guard !name.isEmpty, isPlain, !name.contains("\0") else {
            throw Refusal(.forbidden, "Only files of the run's folder are given out.")
        }
        let base = URL(fileURLWithPath: root).resolvingSymlinksInPath().path
        let path = URL(fileURLWithPath: "\(base)/\(name)").resolvingSymlinksInPath().path
        guard path.hasPrefix(base + "/") else {
            throw Refusal(.forbidden, "Only files of the run's folder are given out.")
        }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
            throw .missing("The run has no file \(name).")
        }
        return path
    }

    /// A name that a user gave to something new, checked to be one plain file name.
    static func newName(_ name: String) throws(Refusal) -> String {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.".utf8)
        guard (1...80).contains(name.utf8.count), !name.hasPrefix("."), !name.hasPrefix("-"),
            name.utf8.allSatisfy(allowed.contains)
        else {
            throw .malformed(
                "A name has letters, digits, - and _, at most 80; \"\(name.prefix(80))\" has not.")
        }
        return name
    }
}
