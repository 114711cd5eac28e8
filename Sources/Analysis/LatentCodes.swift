import CryoIO
import Foundation
import Latent
import OpusDSD

/// Latent means of a run's particles, [n, Z]. A pose block behind the Z columns is left out.
public struct LatentCodes: Sendable {
    public let file: String
    public let table: Matrix

    /// - Throws: `DataError` where the run has no codes or they are not those of its configuration.
    public init(_ folder: RunFolder) throws {
        let size = try RunRecord.read(folder.configuration).configuration.model.latentSize
        file = folder.mean
        guard FileManager.default.fileExists(atPath: file) else {
            throw DataError(
                file: file, "the run has no latent codes",
                remedy:
                    "Let the training end (dsd train ... --resume), or encode with dsd encode \(folder.path)."
            )
        }
        let array = try NPYArray.read(file)
        guard array.shape.count == 2, array.shape[1] >= size, array.shape[0] > 0 else {
            throw DataError(
                file: file, "the array does not hold the run's codes", found: "shape \(array.shape)",
                wanted: "[particles, \(size)]", remedy: "Encode again with dsd encode \(folder.path).")
        }
        let values = array.floats()
        let width = array.shape[1]
        let first = (0..<array.shape[0]).flatMap { values[($0 * width)..<($0 * width + size)] }
        table = try Matrix(rows: array.shape[0], columns: size, values: first)
        if let bad = first.firstIndex(where: { !$0.isFinite }) {
            throw DataError(
                file: file, at: .row(bad / size + 1), "a code is not finite", found: "\(first[bad])",
                remedy: "Encode again with dsd encode \(folder.path).")
        }
    }

    /// Throws where the codes are not one for each particle.
    func check(particles: Int) throws(DataError) {
        guard table.rows == particles else {
            throw DataError(
                file: file, "there is not one code for each particle", found: "\(table.rows)",
                wanted: "\(particles)", remedy: "Encode again with dsd encode.")
        }
    }
}
