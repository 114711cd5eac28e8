import CryoEM
import CryoIO
import Latent
import OpusDSD

/// Principal components of the codes, and maps along the first of them.
public struct PrincipalComponents: Sendable {
    public let pca: PCA
    /// [n, components]
    public let coordinates: Matrix

    init(_ codes: Matrix, threads: Int?) throws {
        pca = try PCA(codes, threads: threads)
        coordinates = try pca.transform(codes)
    }

    /// Writes the arrays, and for each of the first `settings.components` the codes and maps of its
    /// traversal.
    func write(
        to path: String, run: Run, codes: Matrix, settings: AnalysisSettings, progress: RunData.Progress
    ) throws {
        let folder = try StagedFolder(path)
        try coordinates.array().write(to: folder.file("coordinates.npy"))
        try pca.components.array().write(to: folder.file("components.npy"))
        let explained = pca.explainedVarianceRatio
        try NPYArray(shape: [explained.count], doubles: explained).write(to: folder.file("explained.npy"))
        try NPYArray(shape: [pca.mean.count], doubles: pca.mean).write(to: folder.file("mean.npy"))
        for component in 0..<settings.components {
            let line = try pca.traversal(component: component, of: codes, points: settings.mapsPerComponent)
            let part = try folder.folder("pc\(component + 1)")
            try line.array().write(to: "\(part)/codes.npy")
            try run.maps(codes: line.values, count: line.rows) { row, map in
                try map.write(to: "\(part)/\(AnalysisFolder.name("map", row, "mrc"))")
                progress("maps along component \(component + 1)", row + 1, line.rows)
            }
        }
        try folder.commit()
    }
}

extension Matrix {
    /// As a NumPy array [rows, columns].
    func array() throws(DataError) -> NPYArray { try NPYArray(shape: [rows, columns], floats: values) }
}
