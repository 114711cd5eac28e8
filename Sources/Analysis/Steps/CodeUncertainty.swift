import CryoIO
import Foundation
import Latent
import OpusDSD

/// How well each particle's code is known: the spread of its posterior against the spread of all codes.
public struct CodeUncertainty: Sendable {
    /// Root mean square over the dimensions of sigma_i / standard deviation of the codes, one a particle:
    /// well below 1 where the image tells where the particle lies, about 1 where it tells nothing.
    public let values: [Float]

    /// nil where the run has no log sigmas of these codes.
    init?(_ folder: RunFolder, codes: Matrix) throws(DataError) {
        guard FileManager.default.fileExists(atPath: folder.logSigma) else { return nil }
        let array = try NPYArray.read(folder.logSigma)
        guard array.shape.count == 2, array.shape[0] == codes.rows, array.shape[1] >= codes.columns else {
            throw DataError(
                file: folder.logSigma, "the log sigmas are not those of the codes",
                found: "shape \(array.shape)",
                wanted: "[\(codes.rows), \(codes.columns)]",
                remedy: "Encode again with dsd encode \(folder.path).")
        }
        let (logs, width) = (array.floats(), array.shape[1])
        let variances = (0..<codes.columns).map { Self.variance(codes.column($0)) }
        let largest = variances.max() ?? 0
        values = (0..<codes.rows).map { row in
            // Dimensions that no code uses say nothing.
            let used = variances.indices.filter { variances[$0] > 1e-6 * largest }
            let sum = used.reduce(0.0) { $0 + exp(2 * Double(logs[row * width + $1])) / variances[$1] }
            return Float((sum / Double(max(1, used.count))).squareRoot())
        }
    }

    func mean(of rows: [Int]) -> Double {
        rows.reduce(0) { $0 + Double(values[$1]) } / Double(max(1, rows.count))
    }

    private static func variance(_ values: [Float]) -> Double {
        let n = Double(max(1, values.count))
        let mean = values.reduce(0) { $0 + Double($1) } / n
        return values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / n
    }
}
