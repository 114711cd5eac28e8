import Analysis
import CryoEM
import CryoIO
import Foundation
import OpusDSD

/// Writes selected particles as `selections/NAME.star` of the run, or `.cs` or `.pkl` where the particles
/// came so, with every column as it was.
struct SelectionWriter {
    let folder: RunFolder
    let particles: ParticleSet

    struct Written: Encodable {
        /// Relative to the run's folder.
        let path: String
        let particles: Int
    }

    /// - Parameter rows: from 0; written in the order of the particle file.
    /// - Throws: `Refusal` for rows that do not exist, and where there is a file of that name.
    func write(_ rows: [Int], as name: String, replacing: Bool) throws -> Written {
        let chosen = Set(rows).sorted()
        guard let first = chosen.first, let last = chosen.last else {
            throw Refusal.malformed("There are no particles to save: select some first.")
        }
        guard first >= 0, last < particles.count else {
            throw Refusal.malformed("There is no row \(last + 1); the run has \(particles.count) particles.")
        }
        let file = "selections/\(try RunPath.newName(name)).\(particles.source.fileExtension)"
        let path = "\(folder.path)/\(file)"
        guard replacing || !FileManager.default.fileExists(atPath: path) else {
            throw Refusal(.conflict, "There is a \(file) already.")
        }
        try OutputFolder.create("\(folder.path)/selections")
        try particles.selecting(chosen).write(to: path)
        return Written(path: file, particles: chosen.count)
    }

    /// Little-endian 32-bit numbers, as the page sends them.
    static func rows(_ body: Data) throws(Refusal) -> [Int] {
        guard body.count % 4 == 0 else { throw .malformed("The rows are not 32-bit numbers.") }
        let bytes = [UInt8](body)
        return bytes.withUnsafeBytes { raw in
            (0..<bytes.count / 4).map {
                Int(UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
            }
        }
    }
}
