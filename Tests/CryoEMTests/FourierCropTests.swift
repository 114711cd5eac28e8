import CryoIO
import Foundation
import TestSupport
import Testing
import Torch

@testable import CryoEM

@Suite struct FourierCropTests {
    /// A sum of plane waves about index n/2, given by cycles per box, on any box.
    private func waves(
        _ n: Int, _ terms: [(kx: Int, ky: Int, phase: Double)], shift: SIMD2<Double> = .zero
    ) -> [Float] {
        (0..<n * n).map { index in
            let x = (Double(index % n - n / 2) - shift.x) / Double(n),
                y = (Double(index / n - n / 2) - shift.y) / Double(n)
            return Float(
                terms.reduce(0.0) {
                    $0 + cos(2 * .pi * (Double($1.kx) * x + Double($1.ky) * y) + $1.phase)
                })
        }
    }

    private func difference(_ a: [Float], _ b: [Float]) -> Float {
        a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
    }

    @Test func everyPairOfSmallBoxesKeepsWhatBothCanHold() throws {
        for source in stride(from: 2, through: 12, by: 2) {
            for box in stride(from: 2, through: source, by: 2) {
                var terms: [(Int, Int, Double)] = [(0, 0, 0.3)], high: [(Int, Int, Double)] = []
                for kx in 0..<source / 2 {
                    for ky in -(source / 2 - 1)..<source / 2 {
                        let term = (kx, ky, 0.7 * Double(kx) - 1.3 * Double(ky))
                        if kx < box / 2 && abs(ky) < box / 2 { terms.append(term) } else { high.append(term) }
                    }
                }
                let image = Tensor(waves(source, terms + high), shape: [1, source, source])
                let cropped = try FourierCrop(from: source, to: box, amplitude: .mean)(image).floats()
                #expect(difference(cropped, waves(box, terms)) < 2e-4, "\(source) to \(box)")
            }
        }
    }

    @Test func nyquistRowAndColumnAreZero() throws {
        var random = SeededGenerator(seed: 3)
        let image = Tensor(random.normals(16 * 16), shape: [1, 16, 16])
        for box in [16, 10, 8] {
            let f = FourierCrop(from: 16, to: box, amplitude: .noise)(image).rfft2()
            let row = f.select(1, box / 2), column = f.select(2, box / 2)
            for line in [row, column] {
                #expect(try (line.real().abs().sum() + line.imaginary().abs().sum()).item() < 1e-3)
            }
        }
    }

    @Test func shiftMovesTheContentByPlusOrigin() throws {
        let terms = [(1, 0, 0.2), (0, 2, 0.5), (2, -1, 1.1), (3, 3, -0.4)]
        let shifts = [SIMD2(2.0, 0.0), SIMD2(0.0, -3.0), SIMD2(1.3, 0.45)]
        let images = Tensor(shifts.flatMap { _ in waves(16, terms) }, shape: [3, 16, 16])
        let moved = try FourierCrop(from: 16, to: 10, amplitude: .mean)(images, shifts: shifts).floats()
        let wanted = shifts.flatMap { waves(10, terms, shift: $0 * 10 / 16) }
        #expect(difference(moved, wanted) < 1e-4)
    }

    @Test func aParticleAtMinusOriginComesToTheBoxCentre() throws {
        var image = [Float](repeating: 0, count: 16 * 16)
        // The particle lies three pixels left of and two above the centre: its origin is (3, 2).
        image[(8 - 2) * 16 + 8 - 3] = 1
        let crop = FourierCrop(from: 16, to: 16, amplitude: .mean)
        let moved = try crop(Tensor(image, shape: [1, 16, 16]), shifts: [SIMD2(3, 2)]).floats()
        #expect(moved.firstIndex(of: moved.max() ?? 0) == 8 * 16 + 8)
        #expect(abs((moved.max() ?? 0) - 225.0 / 256) < 1e-5)
    }

    @Test func fftOriginIsPixel0SoThatACentredPointHasAlternatingSigns() throws {
        let n = 8
        var image = [Float](repeating: 0, count: n * n)
        image[n / 2 * n + n / 2] = 1
        let f = FourierCrop(from: n, to: n, amplitude: .mean).transform(Tensor(image, shape: [1, n, n]))
        let real = try f.real().floats()
        for row in 0..<n where row != n / 2 {
            for column in 0..<n / 2 {
                let wanted: Float = (row + column) % 2 == 0 ? 1 : -1
                #expect(abs(real[row * (n / 2 + 1) + column] - wanted) < 1e-5)
            }
        }
    }

    @Test func boxCentreStaysAtHalfTheBox() throws {
        let n = 24
        let spot = (0..<n * n).map { i -> Float in
            let (x, y) = (Double(i % n - n / 2), Double(i / n - n / 2))
            return Float(exp(-(x * x + y * y) / 18))
        }
        for box in stride(from: 8, through: 24, by: 2) {
            let small = try FourierCrop(from: n, to: box, amplitude: .mean)(Tensor(spot, shape: [1, n, n]))
                .floats()
            #expect(small.firstIndex(of: small.max() ?? 0) == box / 2 * box + box / 2)
            for y in 1..<box {
                for x in 1..<box {
                    #expect(abs(small[y * box + x] - small[(box - y) * box + box - x]) < 1e-5)
                }
            }
        }
    }

    @Test func noiseOfVarianceOneKeepsIt() throws {
        var random = SeededGenerator(seed: 8)
        let images = Tensor(random.normals(60 * 32 * 32), shape: [60, 32, 32])
        let crop = FourierCrop(from: 32, to: 20, amplitude: .noise)
        let square = try crop(images).square().mean().item()
        // The Nyquist terms, one row and column of twenty, are gone.
        #expect(abs(square - 19.0 * 19 / 400) < 0.02)
        #expect(abs(crop.scale - 20.0 / 32) < 1e-12)
        #expect(abs(crop.contrastGain - 32.0 / 20) < 1e-12)
    }

    @Test func volumesKeepMeanDensityAndCentreWhenCroppedOrPadded() throws {
        func blob(_ n: Int, _ width: Double, _ pixel: Double) -> [Float] {
            (0..<n * n * n).map { i in
                let (x, y, z) = (
                    Double(i % n - n / 2), Double(i / n % n - n / 2), Double(i / (n * n) - n / 2)
                )
                let (dx, dy, dz) = (x * pixel - 2, y * pixel + 1, z * pixel - 0.5)
                return Float(exp(-(dx * dx + dy * dy + dz * dz) / (2 * width * width)))
            }
        }
        let map = DensityMap(cube: blob(24, 2.4, 1), side: 24, pixelSize: 1, origin: SIMD3(1, 2, 3))
        for side in [16, 32, 20, 28] {
            let resized = try FourierResize.map(map, to: side)
            #expect(resized.side == side)
            #expect(abs(resized.pixelSize - 24 / Double(side)) < 1e-12)
            #expect(resized.origin == map.origin)
            #expect(difference(resized.values, blob(side, 2.4, 24 / Double(side))) < 3e-3, "\(side)")
            let mean = resized.values.reduce(0, +) / Float(side * side * side)
            #expect(abs(mean - map.values.reduce(0, +) / (24 * 24 * 24)) < 1e-6)
        }
        let back = try FourierResize.map(FourierResize.map(map, to: 32), to: 24)
        #expect(difference(back.values, map.values) < 1e-4)
        #expect(throws: DataError.self) { try FourierResize.map(map, to: 15) }
    }

    @Test func everyPairOfSmallVolumesKeepsAConstant() throws {
        for old in stride(from: 2, through: 8, by: 2) {
            for side in stride(from: 2, through: 8, by: 2) {
                let volume = FourierResize.volume(Tensor.full([old, old, old], 3.5), to: side)
                #expect(volume.shape == [side, side, side])
                #expect(try volume.floats().allSatisfy { abs($0 - 3.5) < 1e-5 })
            }
        }
    }
}
