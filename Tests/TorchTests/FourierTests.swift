import Foundation
import Testing
import TestSupport
import Torch

@Suite struct FourierTests {
    static let sides = (2...9).flatMap { h in (2...9).map { (h, $0) } }

    @Test(arguments: sides)
    func halfPlaneTransformGoesBackAndKeepsTheSumOfSquares(_ h: Int, _ w: Int) throws {
        let x = Tensor.normal([3, h, w], seed: UInt64(h * 100 + w)), f = x.rfft2()
        #expect(f.shape == [3, h, w / 2 + 1])
        #expect(try f.irfft2(h, w).relativeDifference(from: x) < 1e-14)
        // Parseval; columns that stand for two count twice.
        let weights = (0...w / 2).map { $0 == 0 || 2 * $0 == w ? 1.0 : 2.0 }
        let power = (f * f.conjugate()).real() * Tensor(weights, shape: [w / 2 + 1])
        #expect(
            try (power.sum([1, 2]) / Double(h * w)).relativeDifference(from: x.square().sum([1, 2])) < 1e-14)
    }

    @Test func transformIsTheSumOfItsDefinition() throws {
        let (h, w) = (4, 5)
        let x = Tensor.normal([h, w], seed: 3), values = try x.doubles(), f = x.rfft2()
        let real = try f.real().doubles(), imaginary = try f.imaginary().doubles()
        for ky in 0..<h {
            for kx in 0...w / 2 {
                var sum = (0.0, 0.0)
                for y in 0..<h {
                    for x in 0..<w {
                        let angle = -2 * Double.pi * (Double(kx * x) / Double(w) + Double(ky * y) / Double(h))
                        sum.0 += values[y * w + x] * cos(angle)
                        sum.1 += values[y * w + x] * sin(angle)
                    }
                }
                #expect(abs(real[ky * 3 + kx] - sum.0) < 1e-13 && abs(imaginary[ky * 3 + kx] - sum.1) < 1e-13)
            }
        }
    }

    @Test(arguments: 2...9)
    func volumeTransformsGoBack(_ n: Int) throws {
        let x = Tensor.normal([n, n + 1, n], seed: UInt64(n)), sides = [0, 1, 2]
        #expect(try x.rfftn(sides).irfftn([n, n + 1, n], sides).relativeDifference(from: x) < 1e-14)
        let back = Tensor.complex(x, x * 0).fftn(sides).ifftn(sides)
        #expect(try back.real().relativeDifference(from: x) < 1e-14)
        #expect(try back.imaginary().abs().max().item() < 1e-14)
        let whole = x.fftn(sides), half = x.rfftn(sides)
        #expect(try whole.narrow(2, 0, n / 2 + 1).real().relativeDifference(from: half.real()) < 1e-13)
    }

    @Test func shiftBringsZeroFrequencyToHalfTheSide() throws {
        try expect(Tensor.counting([4]).fftshift([0]), [4], [2, 3, 0, 1])
        try expect(Tensor.counting([5]).fftshift([0]), [5], [3, 4, 0, 1, 2])
        for n in 2...9 {
            let x = Tensor.counting([n])
            #expect(try x.fftshift([0]).select(0, n / 2).item() == 0)
            try expect(x.fftshift([0]).ifftshift([0]), [n], (0..<n).map(Double.init))
        }
    }

    @Test func complexNumbersFromPartsAndFromModulusAndAngle() throws {
        let z = Tensor.complex(.doubles(1, 0), .doubles(0, 2)),
            p = Tensor.polar(.doubles(1, 2), .doubles(0, .pi / 2))
        #expect(z.dtype == .complex128)
        try expect(p.real(), [2], [1, 0], within: 1e-15)
        try expect(p.imaginary(), [2], [0, 2], within: 1e-15)
        try expect((z * z.conjugate()).real(), [2], [1, 4])
        try expect((z * z).real(), [2], [1, -4])
    }
}
