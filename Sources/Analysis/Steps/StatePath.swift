import CryoIO
import Foundation
import Latent
import OpusDSD

/// The way from the centre of one cluster to that of another through where particles lie, and maps along it.
struct StatePath {
    /// Clusters at the ends.
    let ends: (Int, Int)
    /// Rows of the particles on the way, from 0; nil where no chain of neighbours joins the ends.
    let rows: [Int]?

    /// - Parameter asked: clusters at the ends; nil takes the two whose centres are farthest apart.
    init(_ clustering: Clustering, landscape: Landscape, asked: (Int, Int)?) {
        ends = asked ?? Self.farthest(clustering.centres)
        rows = DensePaths(landscape.neighbours, density: landscape.density)
            .path(from: clustering.nearestRows[ends.0], to: clustering.nearestRows[ends.1])
    }

    private static func farthest(_ centres: Matrix) -> (Int, Int) {
        var best = (pair: (0, 0), square: -1.0)
        for a in 0..<centres.rows {
            for b in (a + 1)..<max(a + 1, centres.rows) {
                let square = zip(centres.row(a), centres.row(b)).reduce(0.0) { sum, pair in
                    let difference = Double(pair.0) - Double(pair.1)
                    return sum + difference * difference
                }
                if square > best.square { best = ((a, b), square) }
            }
        }
        return best.pair
    }

    /// Writes `rows.npy`, `codes.npy` and a map at each of `points` places evenly along the path.
    func write(
        to path: String, run: Run, codes: Matrix, points: Int, progress: RunData.Progress
    ) throws {
        guard let rows else { return }
        let line = try DensePaths.resampled(rows, of: codes, count: points)
        let folder = try StagedFolder(path)
        try NPYArray(shape: [rows.count], integers: rows).write(to: folder.file("rows.npy"))
        try line.array().write(to: folder.file("codes.npy"))
        try run.maps(codes: line.values, count: line.rows) { row, map in
            try map.write(to: folder.file(AnalysisFolder.name("map", row, "mrc")))
            progress("maps along the path", row + 1, line.rows)
        }
        try folder.commit()
    }
}
