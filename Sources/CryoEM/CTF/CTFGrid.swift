import Foundation
import Torch

/// Evaluates contrast transfer functions on the frequencies of a box, in the layout of `rfft2`: rows ky = 0,
/// 1 ... box/2 - 1, -box/2 ... -1 and columns kx = 0 ... box/2.
public struct CTFGrid: Sendable {
    /// Side of the images, pixels.
    public let box: Int
    /// Angstrom per pixel of the images.
    public let pixelSize: Double
    /// [5, box · (box/2 + 1)] float64
    private let basis: Tensor

    /// - Precondition: `box` is even and positive, `pixelSize` is positive.
    public init(box: Int, pixelSize: Double, device: Device = .cpu) {
        precondition(box > 0 && box % 2 == 0, "the box is even, not \(box)")
        precondition(pixelSize > 0, "the pixel size is positive, not \(pixelSize)")
        self.box = box
        self.pixelSize = pixelSize
        let columns = box / 2 + 1
        var values = [Double](repeating: 0, count: 5 * box * columns)
        for row in 0..<box {
            let ky = Double(row < box / 2 ? row : row - box) / (Double(box) * pixelSize)
            for column in 0..<columns {
                let terms = Self.basis(Double(column) / (Double(box) * pixelSize), ky)
                for k in 0..<5 { values[(k * box + row) * columns + column] = terms[k] }
            }
        }
        basis = Tensor(values, shape: [5, box * columns]).to(device)
    }

    /// The functions of frequency that `CTFParameters.phaseCoefficients` are coefficients of.
    static func basis(_ kx: Double, _ ky: Double) -> [Double] {
        let s2 = kx * kx + ky * ky
        return [s2, kx * kx - ky * ky, 2 * kx * ky, s2 * s2, 1]
    }

    /// The transfer functions [batch, box, box/2 + 1], float32, times `exp(-bFactor s²/4)`.
    ///
    /// The phase reaches hundreds of radians at high resolution, too much for float32, so it is formed in
    /// float64.
    /// - Parameter bFactor: Å². The paper's program writes `exp(-b pi² s²)`: its b = 4 is 158 Å² here.
    public func evaluate(_ parameters: [CTFParameters], bFactor: Double = 0) -> Tensor {
        let coefficients = Tensor(parameters.flatMap(\.phaseCoefficients), shape: [parameters.count, 5])
        let phase = coefficients.to(basis.device).matmul(basis)
        var transfer = -phase.sin()
        if bFactor != 0 { transfer = transfer * (basis.select(0, 0) * (-bFactor / 4)).exp() }
        return transfer.to(.float32).reshape([parameters.count, box, box / 2 + 1])
    }
}
