import Analysis
import CryoEM
import CryoIO
import Foundation
import Latent
import OpusDSD

/// What a configuration left on disk, in one form for this program's runs and for those of others.
struct QualityOutcome {
    /// `[particles, Z]`; nil where there are classes alone.
    let codes: Matrix?
    /// Class of every particle; nil where there are codes alone.
    let labels: [Int]?
    /// Maps of looked-at particles, by row; nil where there are none at all.
    let map: ((Int) throws -> DensityMap?)?
    /// Particles whose codes are nearest to that of a row, nearest first; nil where there are no codes.
    let nearest: ((_ row: Int, _ count: Int) -> [Int])?

    /// A run of `dsd train`.
    init(run folder: RunFolder) throws {
        let codes = try LatentCodes(folder).table
        let decoder = try RunDecoder(folder)
        self.codes = codes
        labels = nil
        let all = try Codes(folder)
        nearest = { row, count in all.nearest(to: Array(codes.row(row)), count: count) }
        map = { row in
            var made: DensityMap?
            try decoder.maps(codes: Array(codes.row(row)), count: 1) { made = $1 }
            return made
        }
    }

    /// The result of another program: `codes.npy` [n, Z] or `labels.npy` [n], or both, and in `maps/` either
    /// `image_NNNNNN.mrc`, named by 0-based row, or `class_NNN.mrc`, named by label.
    init(result folder: String, particles: Int) throws {
        func array(_ name: String) throws(DataError) -> NPYArray? {
            let path = "\(folder)/\(name).npy"
            guard FileManager.default.fileExists(atPath: path) else { return nil }
            let array = try NPYArray.read(path)
            guard array.shape.first == particles else {
                throw DataError(
                    file: path, "there is not one row for each particle", found: "shape \(array.shape)",
                    wanted: "\(particles) rows")
            }
            return array
        }
        let table = try array("codes")
        let labels = try array("labels")?.integers()
        codes = try table.map {
            try Matrix(rows: particles, columns: $0.count / particles, values: $0.floats())
        }
        self.labels = labels
        nearest = nil
        guard codes != nil || labels != nil else {
            throw DataError(file: folder, "the program left no result", wanted: "codes.npy or labels.npy")
        }
        let names = Set((try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/maps")) ?? [])
        guard !names.isEmpty else {
            map = nil
            return
        }
        map = { row in
            let own = String(format: "image_%06d.mrc", row)
            let name = names.contains(own) ? own : String(format: "class_%03d.mrc", labels?[row] ?? -1)
            guard names.contains(name) else {
                throw DataError(file: "\(folder)/maps", "the map of a particle is missing", wanted: "\(own)")
            }
            return try DensityMap.read("\(folder)/maps/\(name)")
        }
    }
}
