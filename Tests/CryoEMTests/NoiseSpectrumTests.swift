import CryoEM
import TestSupport
import Testing
import Torch

/// The spectrum of noise that was made with a known one, beside a particle that is far stronger.
@Suite struct NoiseSpectrumTests {
    private let box = 32

    private func images(_ count: Int, _ power: (Double) -> Double) -> Tensor {
        let half = box / 2
        let amplitude = (0..<box).flatMap { row -> [Double] in
            let y = Double(row < half ? row : row - box)
            return (0...half).map { power((y * y + Double($0 * $0)).squareRoot()).squareRoot() }
        }
        let noise =
            Tensor.normal([count, box, box], seed: 3).rfft2() * Tensor(amplitude, shape: [box, half + 1])
        let particle = (0..<box * box).map { place -> Double in
            let (y, x) = (place / box - half, place % box - half)
            return y * y + x * x < 80 ? 5 : 0
        }
        return noise.irfft2(box, box) + Tensor(particle, shape: [box, box])
    }

    /// Read in blocks of different size.
    private func spectrum(_ all: Tensor, radius: Double) throws -> NoiseSpectrum {
        let count = all.size(0)
        return try NoiseSpectrum(
            box: box, radius: radius, blocks: [Array(0..<count / 3), Array(count / 3..<count)]
        ) { rows in all.narrow(0, rows[0], rows.count) }
    }

    @Test(arguments: [0.0, 4.0])
    func powerIsThatOfTheNoise(_ excess: Double) throws {
        func power(_ shell: Double) -> Double { 1 + excess / (1 + shell * shell / 25) }
        let all = images(600, power)
        let found = try spectrum(all, radius: 10)
        #expect(found.power.count == box / 2)
        for shell in 1..<box / 2 {
            let wanted = power(Double(shell))
            #expect(abs(found.power[shell] - wanted) < 0.12 * wanted, "shell \(shell)")
        }
        let white = (all.rfft2() * found.whitening.to(.float64)).irfft2(box, box)
        let again = try spectrum(white, radius: 13)
        #expect(again.power.allSatisfy { abs($0 - 1) < 0.12 })
    }

    /// Images that were masked have no noise to be measured.
    @Test func imagesThatAreEmptyOutsideCountAsWhite() throws {
        let inside = (0..<box * box).map { place -> Double in
            let (y, x) = (place / box - box / 2, place % box - box / 2)
            return y * y + x * x < 100 ? 1 : 0
        }
        let masked = images(50) { _ in 1 } * Tensor(inside, shape: [box, box])
        let found = try spectrum(masked, radius: 11)
        #expect(found.power.allSatisfy { $0 == 1 })
    }

    /// Frequencies that no image has do not get weights without bounds.
    @Test func weightsAreBounded() throws {
        let found = try spectrum(images(100) { $0 < 8 ? 1 : 0 }, radius: 20)
        let weights = try found.whitening.doubles()
        #expect(weights.allSatisfy { $0.isFinite && $0 > 0 && $0 < 40 })
    }
}
