import CryoIO
import Foundation

/// Finds the files that image names mean, and writes names that stay valid from another folder.
struct StackPaths {
    /// Folder of the particle file, absolute.
    let folder: String
    let reading: ParticleReading

    init(file: String, reading: ParticleReading) {
        folder = Self.folder(of: file)
        self.reading = reading
    }

    /// The existing file that a name means, and whether its extension was exchanged (.mrc and .mrcs) to find
    /// it.
    /// - Throws: `DataError` that lists the places looked at.
    func resolve(
        _ reference: String, file: String, row: Int
    ) throws(DataError) -> (path: String, otherExtension: Bool) {
        let tried = candidates(reference)
        for path in tried where FileManager.default.fileExists(atPath: path) { return (path, false) }
        for path in tried.compactMap(Self.otherExtension)
        where FileManager.default.fileExists(atPath: path) { return (path, true) }
        throw DataError(
            file: file, at: .row(row), "the stack of images is missing", found: reference,
            wanted: "one of the files \(tried.joined(separator: ", "))",
            remedy: "Give the folder that image paths are relative to with --datadir")
    }

    /// Data folders, the particle file's folder, the current one, and the folders above the particle file's:
    /// jobs of RELION (`Refine3D/job020/`) and cryoSPARC (`P12/J24/`) name images relative to the project.
    private func candidates(_ reference: String) -> [String] {
        var name = reference
        if let prefix = reading.stripPrefix, name.hasPrefix(prefix) {
            name = String(name.dropFirst(prefix.count).drop { $0 == "/" })
        }
        if name.hasPrefix("/") { return [name] }
        let above = [folder + "/..", folder + "/../.."].map(Self.normalised)
        let folders = reading.dataFolders.map(Self.absolute) + [folder, Self.absolute(".")] + above
        var paths: [String] = []
        for path in folders.map({ Self.normalised($0 + "/" + name) }) where !paths.contains(path) {
            paths.append(path)
        }
        return paths
    }

    private static func otherExtension(_ path: String) -> String? {
        if path.hasSuffix(".mrcs") { return String(path.dropLast()) }
        return path.hasSuffix(".mrc") ? path + "s" : nil
    }

    /// How a stack opened at `path` and written as `reference` is written in a STAR file of folder `target`.
    ///
    /// A name that still leads to the file is kept. Otherwise a stack that was found beside the STAR file is
    /// named relative to the new folder, so that both can be moved together, and any other by its absolute
    /// path.
    func rebased(_ reference: String, path: String, to target: String) -> String {
        if target == folder || reference.hasPrefix("/") { return reference }
        if Self.normalised(target + "/" + reference) == path { return reference }
        return Self.normalised(folder + "/" + reference) == path ? Self.relative(path, from: target) : path
    }

    static func folder(of file: String) -> String {
        (absolute(file) as NSString).deletingLastPathComponent
    }

    static func absolute(_ path: String) -> String {
        normalised(path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path)
    }

    /// Without `.`, `..` and doubled slashes; links are left alone.
    static func normalised(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    static func relative(_ path: String, from folder: String) -> String {
        let to = path.split(separator: "/"), from = folder.split(separator: "/")
        let shared = zip(to, from).prefix { $0 == $1 }.count
        return (Array(repeating: "..", count: from.count - shared) + to[shared...].map(String.init)).joined(
            separator: "/")
    }
}
