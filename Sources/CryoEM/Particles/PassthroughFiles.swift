import CryoIO
import Foundation

/// The passthrough files that belong to a cryoSPARC particle file, cut to the particles of a selection, so
/// that the selection comes with every field that the particles came with.
struct PassthroughFiles {
    /// The files given with the particles.
    let paths: [String]

    /// Where they go beside a particle file: `NAME_passthrough.cs`, of several `NAME_passthrough_1.cs` ...
    func names(beside path: String) -> [String] {
        let stem = (path as NSString).deletingPathExtension
        return paths.indices.map { place in
            stem + "_passthrough" + (paths.count > 1 ? "_\(place + 1)" : "") + ".cs"
        }
    }

    /// Writes the rows of the particles of `table`, in its order, with all fields and their bytes.
    /// - Throws: `DataError` with the row of a particle that a file lacks.
    func write(rowsOf table: StructuredArray, beside path: String) throws(DataError) {
        for (source, target) in zip(paths, names(beside: path)) {
            let file = try StructuredArray(path: source)
            try file.selecting(rows: try CryoSPARCTable.rows(of: table, in: file)).write(to: target)
        }
    }
}
