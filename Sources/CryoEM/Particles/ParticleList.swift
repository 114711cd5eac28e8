import CryoIO
import Foundation

/// The rows of a particle file with the images they name, and nothing else of it understood: no stack is
/// opened. What is selected from a file, and the file that a selection is carried over to, need no more.
public struct ParticleList: Sendable {
    public let file: String
    /// The table, whole.
    public let source: ParticleSource
    /// cryoSPARC's `uid` of each row; nil where the file has none.
    public let uids: [UInt64]?
    let names: ImageNames
    private let reading: ParticleReading

    public var count: Int { names.references.count }

    /// Reads a particle file of any kind that `ParticleSet` reads.
    public init(path: String, reading: ParticleReading = ParticleReading()) throws(DataError) {
        file = path
        self.reading = reading
        switch (path as NSString).pathExtension.lowercased() {
        case "cs":
            let table = try StructuredArray(path: path)
            names = try ImageNames(try CryoSPARCTable(table, passthrough: reading.passthrough))
            uids = table.contains("uid") ? try table.unsigned("uid") : nil
            source = .cryoSPARC(table)
        case "mrcs", "mrc", "txt":
            let (rows, taken) = try ParticleRows.cryoDRGN(file: path, reading: reading)
            (names, uids, source) = (rows.names, nil, .cryoDRGN(rows: taken))
        default:
            let star = try STARFile(path: path)
            let block = try ParticleRows.particleBlock(of: star, file: path)
            names = try ImageNames(try block.required("rlnImageName", file: path), file: path)
            uids = nil
            source = .star(star, block: block.name)
        }
    }

    /// The same list with another table of as many rows.
    init(_ list: ParticleList, source: ParticleSource) {
        (file, uids, names, reading) = (list.file, list.uids, list.names, list.reading)
        self.source = source
    }

    /// The number, from 1, and the stack's path as the file has it.
    public func imageName(_ row: Int) -> String {
        let reference = names.references[row]
        return "\(reference.index + 1)@\(names.paths[Int(reference.stack)])"
    }

    /// The passthrough files that `write` makes beside a particle file.
    public func passthroughNames(beside path: String) -> [String] {
        guard case .cryoSPARC = source else { return [] }
        return PassthroughFiles(paths: reading.passthrough).names(beside: path)
    }

    /// Writes the given rows (from 0) in the file's own dialect, all columns as they were read. Image paths
    /// of a STAR file are valid from where it is written; those of cryoSPARC are relative to the project
    /// wherever the file lies, and its passthrough files are cut to the same particles beside it.
    /// - Returns: paths of stacks that are not there and were left as they are.
    @discardableResult public func write(rows: [Int], to path: String) throws(DataError) -> [String] {
        let part = try source.selecting(rows)
        if case .cryoSPARC(let table) = part {
            try PassthroughFiles(paths: reading.passthrough).write(rowsOf: table, beside: path)
        }
        guard case .star = part else {
            try part.write(to: path, images: [], from: [], names: [])
            return []
        }
        let paths = StackPaths(file: file, reading: reading), target = StackPaths.folder(of: path)
        var missing: [String] = []
        let used = Set(rows.map { names.references[$0].stack })
        let renamed = names.paths.enumerated().map { place, name -> String in
            guard used.contains(Int32(place)) else { return name }
            guard let found = try? paths.resolve(name, file: file, row: 1).path else {
                missing.append(name)
                return name
            }
            return paths.rebased(name, path: found, to: target)
        }
        try part.write(
            to: path, images: rows.map { names.references[$0] }, from: names.paths, names: renamed)
        return missing
    }
}
