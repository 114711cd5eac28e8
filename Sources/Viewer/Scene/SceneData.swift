import Analysis
import CryoEM
import CryoIO
import Foundation
import Latent
import OpusDSD

/// What was read of a run's codes, particles and analysis.
struct SceneData: Sendable {
    let codes: Matrix
    let planes: [Plane]
    let columns: [Column]
    /// Nil where the particle file could not be read; `particlesProblem` says why.
    let particles: ParticleSet?
    let particlesProblem: String?
    let summary: AnalysisSummary?
    private static let shownComponents = 4

    init(_ folder: RunFolder) throws {
        let codes = try LatentCodes(folder).table
        let analysis = AnalysisFolder(folder)
        var problem: String?
        var particles: ParticleSet?
        do {
            let inputs = try RunRecord.read(folder.configuration).inputs
            let set = try ParticleSet(path: inputs.particles, reading: inputs.reading)
            guard set.count == codes.rows else {
                throw DataError(
                    file: inputs.particles, "the run's codes are not of these particles",
                    found: "\(set.count)", wanted: "\(codes.rows)",
                    remedy: "Restore the particle file that was trained on.")
            }
            particles = set
        } catch {
            problem = "\(error)"
        }
        summary = FileManager.default.contents(atPath: analysis.summary)
            .flatMap { try? JSONDecoder().decode(AnalysisSummary.self, from: $0) }
        let pca = codes.rows > 1 ? try PCA(codes) : nil
        let scores = try pca?.transform(codes) ?? codes
        planes =
            Self.layout(analysis.embedding, codes: codes)
            + (pca.map { Self.pairs($0, scores: scores) } ?? [])
        columns = Columns.all(
            folder, codes: codes, scores: scores, particles: particles, clusters: summary?.settings.clusters)
        (self.codes, self.particles, particlesProblem) = (codes, particles, problem)
    }

    private static func layout(_ path: String, codes: Matrix) -> [Plane] {
        guard let array = try? NPYArray.read(path), array.shape == [codes.rows, 2],
            let layout = try? Matrix(rows: codes.rows, columns: 2, values: array.floats()),
            layout.values.allSatisfy(\.isFinite)
        else { return [] }
        return [Plane(layout: layout, codes: codes)]
    }

    private static func pairs(_ pca: PCA, scores: Matrix) -> [Plane] {
        let shown = min(shownComponents, scores.columns)
        return (0..<shown).flatMap { first in
            (first + 1..<max(shown, first + 1)).map { Plane(pca, scores: scores, first, $0) }
        }
    }

    func plane(_ id: String) throws(Refusal) -> Plane {
        guard let plane = planes.first(where: { $0.facts.id == id }) else {
            throw .missing("There is no plane \(id).")
        }
        return plane
    }

    func column(_ id: String) throws(Refusal) -> Column {
        guard let column = columns.first(where: { $0.facts.id == id }) else {
            throw .missing("There is no column \(id).")
        }
        return column
    }
}
