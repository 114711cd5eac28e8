import CryoIO
import Foundation

extension Codes {
    /// Rows of the codes nearest to one, the nearest first.
    ///
    /// Each column counts in units of the images' own uncertainty in it, the root mean square of sigma, so
    /// that what the images know well decides.
    /// - Parameters:
    ///   - code: Z values.
    ///   - count: how many, at most.
    public func nearest(to code: [Float], count: Int) -> [Int] {
        precondition(code.count <= width, "a code of \(code.count) values among codes of \(width)")
        let precisions = precisions(columns: code.count)
        let distances = (0..<self.count).map { row in
            var sum: Float = 0
            for column in code.indices {
                let difference = mean[row * width + column] - code[column]
                sum += difference * difference * precisions[column]
            }
            return sum
        }
        let order = distances.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }
        return Array(order.prefix(count))
    }

    /// One over the mean square of sigma over images.
    private func precisions(columns: Int) -> [Float] {
        (0..<columns).map { column in
            var sum = 0.0
            for row in 0..<count { sum += exp(2 * Double(logSigma[row * width + column])) }
            return sum > 0 ? Float(Double(count) / sum) : 1
        }
    }

    /// The codes of a run folder, as training or `dsd encode` left them.
    /// - Throws: `DataError` where they are missing or do not belong together.
    public init(_ folder: RunFolder) throws {
        for file in [folder.mean, folder.logSigma] where !FileManager.default.fileExists(atPath: file) {
            throw DataError(
                file: file, "the run lacks a part of its codes",
                remedy: "Let the training end (dsd train ... --resume), or encode with dsd encode.")
        }
        let (means, sigmas) = (try NPYArray.read(folder.mean), try NPYArray.read(folder.logSigma))
        guard means.shape.count == 2, means.shape == sigmas.shape, means.shape[1] > 0 else {
            throw DataError(
                file: folder.logSigma, "means and deviations of the codes do not belong together",
                found: "shapes \(means.shape) and \(sigmas.shape)", remedy: "Encode again with dsd encode.")
        }
        self.init(mean: means.floats(), logSigma: sigmas.floats(), width: means.shape[1])
    }
}
