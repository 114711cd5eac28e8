import CryoIO
import Torch

/// Codes of images: means and log sigmas, [count, width] row-major each.
public struct Codes: Sendable, Equatable {
    public var mean: [Float]
    public var logSigma: [Float]
    /// Z, or Z + Za where a pose block follows the structure's code.
    public let width: Int

    public init(mean: [Float], logSigma: [Float], width: Int) {
        precondition(mean.count == logSigma.count && mean.count % width == 0, "codes want whole rows")
        (self.mean, self.logSigma, self.width) = (mean, logSigma, width)
    }

    public var count: Int { mean.count / width }

    /// The means' first `size` columns, row-major.
    func means(first size: Int) -> [Float] {
        guard size < width else { return mean }
        return (0..<count).flatMap { mean[($0 * width)..<($0 * width + size)] }
    }

    func rows(_ range: Range<Int>) -> Codes {
        let places = (range.lowerBound * width)..<(range.upperBound * width)
        return Codes(mean: Array(mean[places]), logSigma: Array(logSigma[places]), width: width)
    }

    func selecting(_ rows: [Int]) -> Codes {
        func part(_ values: [Float]) -> [Float] {
            rows.flatMap { values[($0 * width)..<(($0 + 1) * width)] }
        }
        return Codes(mean: part(mean), logSigma: part(logSigma), width: width)
    }

    /// Means of some rows, [rows.count, width].
    func tensor(_ rows: [Int], on device: Device) -> Tensor {
        Tensor(rows.flatMap { mean[($0 * width)..<(($0 + 1) * width)] }, shape: [rows.count, width]).to(
            device)
    }
}

extension Codes {
    /// Writes two arrays [count, width].
    func write(mean meanPath: String, logSigma logSigmaPath: String) throws(DataError) {
        try NPYArray(shape: [count, width], floats: mean).write(to: meanPath)
        try NPYArray(shape: [count, width], floats: logSigma).write(to: logSigmaPath)
    }
}
