import CryoEM
import CryoIO
import Foundation
import Latent
import OpusDSD

/// Strength of the motions that a run's codes describe, of the run and of a twin trained in the same way.
public struct TrainedTwin: Codable, Sendable, Equatable {
    /// Folder of the twin's run.
    public var run: String
    /// For each principal component, how much the decoded map changes by one standard deviation of the codes:
    /// root mean square inside the mask, as a share of the consensus'.
    public var strength: [Double]
    public var twinStrength: [Double]

    /// The training of a twin, in `null/run` of the run's folder; goes on where it was stopped.
    public static func session(
        for run: Run, program: RunRecord.Program, seed: UInt64, progress: RunData.Progress
    ) throws -> TrainingSession {
        let home = AnalysisFolder(run.data.folder).null
        let folder = RunFolder("\(home)/run")
        if FileManager.default.fileExists(atPath: folder.configuration) {
            return try TrainingSession(resuming: folder, device: run.data.device)
        }
        let particles = try TwinParticles(run: run, seed: seed).write(
            to: "\(home)/particles", progress: progress)
        let record = RunRecord(
            program: program,
            inputs: .init(
                particles: particles, mask: run.data.folder.mask, consensus: run.data.folder.consensus),
            configuration: run.data.record.configuration)
        return try TrainingSession(new: record, folder: folder, device: run.data.device)
    }

    /// Compares a run with its trained twin.
    public init(_ own: Run, twin: Run) throws {
        run = twin.data.folder.path
        strength = try Self.strength(own)
        twinStrength = try Self.strength(twin)
    }

    private static func strength(_ run: Run) throws -> [Double] {
        let codes = try LatentCodes(run.data.folder).table
        let pca = try PCA(codes)
        let (mask, consensus) = (run.data.mask.map.values, run.data.consensus.values)
        let power = rootMeanSquare(consensus.map { Double($0) }, mask)
        return try pca.explainedVariance.indices.map { k in
            let step = Float(pca.explainedVariance[k].squareRoot())
            let ends = try pca.inverse(scores(k, step, of: pca.explainedVariance.count))
            var maps: [[Float]] = []
            try run.maps(codes: ends.values, count: 2) { _, map in maps.append(map.values) }
            let change = zip(maps[0], maps[1]).map { (Double($1) - Double($0)) / 2 }
            return power > 0 ? rootMeanSquare(change, mask) / power : 0
        }
    }

    /// One standard deviation down and up along component k.
    private static func scores(_ k: Int, _ step: Float, of count: Int) throws(LatentError) -> Matrix {
        var table = Matrix(zeros: 2, count)
        (table[0, k], table[1, k]) = (-step, step)
        return table
    }

    private static func rootMeanSquare(_ values: [Double], _ weights: [Float]) -> Double {
        let total = weights.reduce(0) { $0 + Double($1) }
        let sum = zip(values, weights).reduce(0) { $0 + $1.0 * $1.0 * Double($1.1) }
        return total > 0 ? (sum / total).squareRoot() : 0
    }
}
