import Foundation
import Torch

/// What is multiplied into a projection's Fourier transform beside the CTF.
public enum ProjectionFilter {
    /// 1 / (sinc^2 kx sinc^2 ky), which undoes the transfer function of the bilinear weights, times a
    /// B-factor envelope exp(-b pi^2 s^2) (METHOD 1.5); the Nyquist row and column are zero. [box, box/2+1].
    ///
    /// - Parameters:
    ///   - pixelSize: of the image, in A.
    ///   - bFactor: b in A^2 (b = B / (4 pi^2) of the usual convention).
    public static func transfer(
        box: Int, pixelSize: Double, bFactor: Double = 0, dtype: DType = .float32
    ) -> Tensor {
        let half = box / 2 + 1
        var values = [Double](repeating: 0, count: box * half)
        for row in 0..<box where row != box / 2 {
            let ky = Double(row < box / 2 ? row : row - box) / Double(box)
            for column in 0..<(half - 1) {
                let kx = Double(column) / Double(box)
                let s2 = (kx * kx + ky * ky) / (pixelSize * pixelSize)
                let bilinear = pow(sinc(kx) * sinc(ky), 2)
                values[row * half + column] = exp(-bFactor * .pi * .pi * s2) / bilinear
            }
        }
        return Tensor(values, shape: [box, half]).to(dtype)
    }

    private static func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(.pi * x) / (.pi * x) }
}
