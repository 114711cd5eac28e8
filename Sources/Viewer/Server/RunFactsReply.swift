import Analysis
import Foundation
import OpusDSD

/// `/api/run`: what there is to show, and what is not there yet.
struct RunFactsReply: Encodable {
    struct Cluster: Encodable {
        let cluster: Int
        let particles: Int
        let share: Double
        let resolution: Double?
        /// Row of the particle that stands for it, from 0.
        let row: Int
    }

    let name: String
    let folder: String
    /// Changes when points, columns or clusters have changed.
    let version: String
    let particles: Int?
    let latentSize: Int?
    let planes: [Plane.Facts]
    let columns: [Column.Facts]
    let clusters: [Cluster]
    /// Why there are no points.
    let codesProblem: String?
    /// Why particles cannot be saved or shown.
    let particlesProblem: String?
    let hasCheckpoint: Bool
    /// Changes with every new checkpoint.
    let checkpoint: String
    let maps: [MapFiles.Entry]
    /// Seconds since the training last wrote; nil where there was none.
    let trainingAge: Double?
    /// Whether the training has left its codes, its last work.
    let isTrained: Bool

    init(_ scene: RunScene, decoder: LiveDecoder) async {
        let folder = scene.folder
        var data: SceneData?
        var problem: String?
        do { data = try await scene.data() } catch { problem = "\(error)" }
        name = URL(fileURLWithPath: folder.path).standardizedFileURL.lastPathComponent
        self.folder = folder.path
        version = await scene.version()
        particles = data?.codes.rows
        latentSize =
            data?.codes.columns
            ?? (try? RunRecord.read(folder.configuration))?.configuration.model.latentSize
        planes = data?.planes.map(\.facts) ?? []
        columns = data?.columns.map(\.facts) ?? []
        clusters =
            data?.summary?.clusters.map {
                Cluster(
                    cluster: $0.cluster, particles: $0.particles, share: $0.share, resolution: $0.resolution,
                    row: $0.centreRow - 1)
            } ?? []
        codesProblem = problem
        particlesProblem = data?.particlesProblem
        hasCheckpoint = decoder.hasCheckpoint
        checkpoint = FileStamp([folder.bestCheckpoint]).text
        maps = MapFiles.all(in: folder)
        trainingAge = TrainingWatch.age(folder)
        isTrained = FileManager.default.fileExists(atPath: folder.mean)
    }
}
