import CryoIO
import Foundation
import Latent

/// Gaussian mixtures of the codes: how many components the data support, and the particles in those of the
/// best.
public struct MixtureTables: Sendable {
    /// One number of components tried.
    public struct Trial: Codable, Sendable, Equatable {
        public var components: Int
        /// Mean log-likelihood of a particle and the criterion of the mixture, on the particles tried.
        public var logLikelihood: Double
        public var bic: Double
        public var converged: Bool
    }

    /// Particles that numbers of components are compared on; more change the choice little.
    private static let mostTried = 50_000

    public let trials: [Trial]
    /// Of all particles, with the number of components of lowest BIC.
    public let mixture: GaussianMixture
    public let labels: [Int]
    /// Posterior probability of each particle's component.
    public let probabilities: [Float]

    /// nil where there are too few particles for a covariance.
    init?(_ codes: Matrix, settings: AnalysisSettings, threads: Int?) throws {
        guard settings.mixtureComponents > 0, codes.rows > 2 * (codes.columns + 1) else { return nil }
        let step = max(1, codes.rows / Self.mostTried)
        let tried =
            step == 1 ? codes : codes.selecting(rows: Array(stride(from: 0, to: codes.rows, by: step)))
        let scale = Self.meanVariance(codes)
        let most = min(settings.mixtureComponents, tried.rows / (2 * (codes.columns + 1)))
        var found: [Trial] = []
        for count in 1...max(1, most) {
            do {
                let fit = try Self.fit(tried, count, scale: scale, settings: settings, threads: threads)
                found.append(
                    Trial(
                        components: count, logLikelihood: fit.meanLogLikelihood, bic: fit.bic,
                        converged: fit.isConverged))
            } catch is LatentError where count > 1 {
                // Codes that coincide cannot be told apart by more components.
                break
            }
        }
        trials = found
        let best = found.min { $0.bic < $1.bic }?.components ?? 1
        mixture = try Self.fit(codes, best, scale: scale, settings: settings, threads: threads)
        (labels, probabilities) = try mixture.assignments(of: codes, threads: threads)
    }

    private static func fit(
        _ codes: Matrix, _ count: Int, scale: Double, settings: AnalysisSettings, threads: Int?
    ) throws -> GaussianMixture {
        var mixture = MixtureSettings(components: count)
        mixture.seed = settings.seed
        // Codes may be small or large; the floor of a covariance goes with them.
        mixture.regularisation = max(1e-6 * scale, 1e-18)
        return try GaussianMixture.fit(codes, mixture, threads: threads)
    }

    private static func meanVariance(_ codes: Matrix) -> Double {
        let n = Double(codes.rows)
        return (0..<codes.columns).reduce(0.0) { sum, c in
            let column = codes.column(c)
            let mean = column.reduce(0) { $0 + Double($1) } / n
            return sum + column.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / n
        } / Double(codes.columns)
    }

    /// Writes `bic.csv`, and of the best mixture `labels.npy`, `probabilities.npy`, `weights.npy`,
    /// `means.npy` and `covariances.npy`.
    func write(to path: String) throws {
        let folder = try StagedFolder(path)
        let (n, k, d) = (labels.count, mixture.components.count, mixture.columns)
        let rows = trials.map {
            "\($0.components)," + String(format: "%.8f,%.3f", $0.logLikelihood, $0.bic)
                + ",\($0.converged ? 1 : 0)"
        }
        try AtomicFile.write(
            text: (["components,log_likelihood,bic,converged"] + rows).joined(separator: "\n") + "\n",
            to: folder.file("bic.csv"))
        try NPYArray(shape: [n], integers: labels).write(to: folder.file("labels.npy"))
        try NPYArray(shape: [n], floats: probabilities).write(to: folder.file("probabilities.npy"))
        try NPYArray(shape: [k], doubles: mixture.components.map(\.weight)).write(
            to: folder.file("weights.npy"))
        try NPYArray(shape: [k, d], doubles: mixture.components.flatMap(\.mean)).write(
            to: folder.file("means.npy"))
        try NPYArray(shape: [k, d, d], doubles: mixture.components.flatMap(\.covariance))
            .write(to: folder.file("covariances.npy"))
        try folder.commit()
    }
}
