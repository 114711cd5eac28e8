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

    /// - Parameter asked: clusters at the ends; nil takes the two farthest apart that a path joins.
    init(_ clustering: Clustering, landscape: Landscape, asked: (Int, Int)?) {
        let paths = DensePaths(landscape.neighbours, density: landscape.density)
        func path(_ pair: (Int, Int)) -> [Int]? {
            paths.path(from: clustering.nearestRows[pair.0], to: clustering.nearestRows[pair.1])
        }
        let pairs = asked.map { [$0] } ?? Self.byDistance(clustering.centres)
        for pair in pairs {
            if let found = path(pair) {
                (ends, rows) = (pair, found)
                return
            }
        }
        (ends, rows) = (pairs.first ?? (0, 0), nil)
    }

    /// Pairs of clusters, the farthest first.
    private static func byDistance(_ centres: Matrix) -> [(Int, Int)] {
        var pairs: [(pair: (Int, Int), square: Double)] = []
        for a in 0..<centres.rows {
            for b in (a + 1)..<max(a + 1, centres.rows) {
                let square = zip(centres.row(a), centres.row(b)).reduce(0.0) { sum, pair in
                    let difference = Double(pair.0) - Double(pair.1)
                    return sum + difference * difference
                }
                pairs.append(((a, b), square))
            }
        }
        return pairs.sorted { $0.square > $1.square }.map(\.pair)
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
