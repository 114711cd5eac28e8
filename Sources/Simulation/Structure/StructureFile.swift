import CryoIO
import Foundation

/// A structure in a file, PDB or mmCIF by its name.
public enum StructureFile {
    /// Reads `.cif` and `.mmcif` as mmCIF, every other name as PDB.
    public static func read(_ path: String, options: StructureOptions = .init()) throws(DataError)
        -> AtomModel
    {
        let lower = path.lowercased()
        if lower.hasSuffix(".gz") {
            throw DataError(file: path, "the file is compressed", remedy: "Run gunzip on it first.")
        }
        return lower.hasSuffix(".cif") || lower.hasSuffix(".mmcif")
            ? try MMCIFReader.read(path, options: options) : try PDBReader.read(path, options: options)
    }

    static func bytes(_ path: String) throws(DataError) -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw DataError(
                file: path, "the structure file cannot be read", found: error.localizedDescription,
                wanted: "a readable PDB or mmCIF file")
        }
    }
}
