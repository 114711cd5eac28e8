import CryoIO
import Foundation
import TestSupport
import Testing
import Torch

@testable import CryoEM

/// Exact projections of Gaussians: the images of Golden/make_reconstruction.py, made again.
struct GoldenReconstruction: Decodable {
    let box: Int
    let pixelSize, voltage, sphericalAberration, amplitudeContrast: Double
    let blobs, views: [[Double]]

    func ctf(_ view: [Double]) -> CTFParameters {
        CTFParameters(
            defocusU: view[5], defocusV: view[6], defocusAngle: view[7], voltage: voltage,
            sphericalAberration: sphericalAberration, amplitudeContrast: amplitudeContrast)
    }

    /// Rotations, images [count, box, box] centred on each particle's origin, and transfer functions.
    func batch(
        _ range: Range<Int>, noise: Float = 0, halves: [Int]? = nil, seed: UInt64 = 1
    ) -> ReconstructionBatch {
        let n = box, views = Array(views[range])
        let rotations = views.map { Rotation(EulerAngles(rot: $0[0], tilt: $0[1], psi: $0[2])) }
        var pixels: [Float] = []
        for rotation in rotations {
            var image = [Float](repeating: 0, count: n * n)
            for b in blobs {
                let at = rotation * SIMD3(b[0], b[1], b[2])
                let height = b[3] * (2 * .pi).squareRoot() * b[4]
                let x = (0..<n).map { exp(-pow(Double($0 - n / 2) - at.x, 2) / (2 * b[4] * b[4])) }
                for row in 0..<n {
                    let y = height * exp(-pow(Double(row - n / 2) - at.y, 2) / (2 * b[4] * b[4]))
                    for column in 0..<n { image[row * n + column] += Float(y * x[column]) }
                }
            }
            pixels += image
        }
        let transfer = CTFGrid(box: n, pixelSize: pixelSize).evaluate(views.map(ctf))
        let clean = (Tensor(pixels, shape: [views.count, n, n]).rfft2() * transfer).irfft2(n, n)
        var random = SeededGenerator(seed: seed)
        let images =
            noise == 0
            ? clean : clean + Tensor(random.normals(pixels.count), shape: clean.shape) * Double(noise)
        return ReconstructionBatch(
            images: images, ctf: transfer, rotations: rotations, halves: halves ?? range.map { 1 + $0 % 2 })
    }
}

@Suite struct ReconstructionTests {
    private let golden: GoldenReconstruction

    init() throws { golden = try Golden.load("reconstruction.json") }

    private func sums(_ range: Range<Int>, batch: Int = 64, padding: Int = 2) throws -> SliceSums {
        let sums = try SliceSums(box: golden.box, padding: padding)
        for start in stride(from: range.lowerBound, to: range.upperBound, by: batch) {
            let part = golden.batch(start..<min(range.upperBound, start + batch))
            try sums.insert(part.images, ctf: part.ctf, rotations: part.rotations, weights: part.weights)
        }
        return sums
    }

    @Test func mapEqualsRELIONsToThe9TenthsOfNyquist() throws {
        let n = golden.box
        let map = try sums(0..<golden.views.count).volume()
        let relion = try DensityMap.read(Golden.url("reconstruction.mrc").path)
        let curve = try FSC(map, Tensor(relion.values, shape: [n, n, n]), pixelSize: golden.pixelSize)
        let last = Int(0.9 * Double(n / 2))
        #expect(curve.values[1...last].allSatisfy { $0 > 0.99 }, "\(curve.values)")
    }

    @Test func axisOrderIsZYXWithXFastestAndTheCentreIsIndexHalfTheBox() throws {
        let n = golden.box
        let point = GoldenReconstruction(
            box: n, pixelSize: golden.pixelSize, voltage: golden.voltage,
            sphericalAberration: golden.sphericalAberration, amplitudeContrast: golden.amplitudeContrast,
            blobs: [[3, -2, 1, 1, 0.8]], views: Array(golden.views.prefix(100)))
        let batch = point.batch(0..<100)
        let sums = try SliceSums(box: n)
        try sums.insert(batch.images, ctf: batch.ctf, rotations: batch.rotations, weights: batch.weights)
        let map = try sums.volume().floats()
        #expect(map.firstIndex(of: map.max() ?? 0) == ((n / 2 + 1) * n + n / 2 - 2) * n + n / 2 + 3)
    }

    @Test func sumsAlongZAreTheCTFFreeImages() throws {
        let n = golden.box
        let map = try sums(0..<golden.views.count).volume()
        let truth = Tensor(GoldenMaps.density(golden.blobs, n), shape: [n, n, n])
        #expect(try FSC(map, truth, pixelSize: golden.pixelSize).values[1...8].allSatisfy { $0 > 0.98 })
        // Densities, not only their shape: a straight line through the origin has slope 1.
        let slope = try (map * truth).sum().item() / truth.square().sum().item()
        #expect(abs(slope - 1) < 0.03, "\(slope)")
        let image = try map.sum([0]).floats(), wanted = try truth.sum([0]).floats()
        let error = zip(image, wanted).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
        #expect(error < 0.02 * wanted.map { $0 * $0 }.reduce(0, +))
    }

    @Test func sumsDoNotDependOnBatchesOrThreads() throws {
        let first = try sums(0..<40, batch: 40).volume().floats()
        #expect(try sums(0..<40, batch: 7).volume().floats() == first)
        try Runtime.setThreads(3)
        defer { try? Runtime.setThreads(1) }
        #expect(try sums(0..<40, batch: 13).volume().floats() == first)
    }

    @Test func aWeightOf2CountsAnImageTwiceAnd0LeavesItOut() throws {
        let batch = golden.batch(0..<6)
        let (a, b) = (try SliceSums(box: golden.box), try SliceSums(box: golden.box))
        try a.insert(batch.images, ctf: batch.ctf, rotations: batch.rotations, weights: [1, 2, 0, 1, 0, 0])
        for rows in [[0, 1, 3], [1]] {
            let index = Tensor(indices: rows)
            try b.insert(
                batch.images.indexSelect(0, index), ctf: batch.ctf.indexSelect(0, index),
                rotations: rows.map { batch.rotations[$0] }, weights: rows.map { _ in 1 })
        }
        #expect(a.count == 3)
        let (x, y) = (try a.volume().floats(), try b.volume().floats())
        #expect(zip(x, y).allSatisfy { abs($0 - $1) < 1e-4 })
    }

    @Test func halvesAddUpToTheWhole() throws {
        let (a, b) = (try sums(0..<30), try sums(30..<60))
        try a.add(b)
        let whole = try sums(0..<60)
        let (x, y) = (try a.meanWeights(), try whole.meanWeights())
        #expect(zip(x, y).allSatisfy { abs($0 - $1) < 1e-4 * max(1, abs($1)) })
        #expect(a.count == 60)
    }

    @Test func oneViewWithoutCTFIsItsOwnCentralSlice() throws {
        let n = 12
        var random = SeededGenerator(seed: 3)
        let crop = FourierCrop(from: n, to: n, amplitude: .mean)
        let image = crop(Tensor(random.normals(n * n), shape: [1, n, n]))
        let sums = try SliceSums(box: n, padding: 1)
        try sums.insert(
            image, ctf: Tensor.ones([1, n, n / 2 + 1]), rotations: [.identity], weights: [1])
        // On the slice kz = 0 the division leaves the image's transform below Nyquist, and nothing lies
        // elsewhere.
        let correction = Tensor(
            (0..<n).map { i -> Float in
                let x = Double.pi * Double(i - n / 2) / Double(n)
                return Float(x == 0 ? 1 : pow(sin(x) / x, 2))
            }, shape: [n])
        let bare =
            try sums.volume() * correction.reshape([1, 1, n]) * correction.reshape([1, n, 1])
            * correction.reshape([n, 1, 1])
        let projected = (bare.sum([0]) - image.select(0, 0)).rfft2()
        let shells = RadialShells(side: n, dimensions: 2)
        let residual = try shells.sums(projected.real().square() + projected.imaginary().square()).doubles()
        #expect(residual[0..<n / 2 - 1].allSatisfy { $0 < 1e-4 })
    }

    @Test func noiseIsDampedByWhatTheHalvesAgreeOn() throws {
        let n = golden.box, count = 300
        var start = 0
        let mask = try SolventMask(sphere: 24, side: n, pixelSize: golden.pixelSize, edge: 3)
        let result = try Reconstruction(box: n, pixelSize: golden.pixelSize, mask: mask) {
            guard start < count else { return nil }
            defer { start += 50 }
            return golden.batch(start..<start + 50, noise: 3, seed: UInt64(start))
        }
        #expect(result.counts == (150, 150))
        let truth = DensityMap(
            cube: GoldenMaps.density(golden.blobs, n), side: n, pixelSize: golden.pixelSize)
        func error(_ map: DensityMap) -> Float {
            zip(map.values, truth.values).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
        }
        #expect(error(result.map) < 0.8 * error(result.unfiltered))
        #expect(error(result.unfiltered) < error(result.halves.0))
        #expect(result.resolution > 8 && result.resolution < 20, "\(result.resolution)")
        #expect(result.masked != nil)
        #expect(try FSC(result.map, truth, mask: mask.map).area > 0.5)
    }

    /// Of noise-free images whose amplitudes fall off by exp(-bFactor s²/4) at 2 A a pixel.
    private func reconstruction(bFactor: Double) throws -> Reconstruction {
        let n = golden.box
        let flat = CTFParameters(
            defocusU: 0, defocusV: 0, defocusAngle: 0, voltage: 300, sphericalAberration: 0,
            amplitudeContrast: 1)
        let fall = CTFGrid(box: n, pixelSize: 2).evaluate([flat], bFactor: bFactor)
        var start = 0
        return try Reconstruction(box: n, pixelSize: 2) {
            guard start < golden.views.count else { return nil }
            defer { start += 100 }
            var batch = golden.batch(start..<start + 100)
            batch.images = (batch.images.rfft2() * fall).irfft2(n, n)
            return batch
        }
    }

    @Test func sharpeningUndoesAGaussianFallOff() throws {
        let b = 60.0
        let (plain, fallen) = (try reconstruction(bFactor: 0), try reconstruction(bFactor: b))
        let estimates = try [plain, fallen].map { try #require(try $0.bFactor()) }
        #expect(abs(estimates[1] - estimates[0] - b) < 0.15 * b, "\(estimates)")
        let curve = try FSC(fallen.sharpened(bFactor: b), plain.unfiltered)
        #expect(curve.values[1...7].allSatisfy { $0 > 0.99 })
        let power = try [fallen.sharpened(bFactor: b), plain.unfiltered].map { map in
            let n = map.side, f = Tensor(map.values, shape: [n, n, n]).rfftn([0, 1, 2])
            return try RadialShells(side: n, dimensions: 3).sums(f.real().square() + f.imaginary().square())
                .doubles()
        }
        for k in 1...7 { #expect(abs(power[0][k] / power[1][k] - 1) < 0.1, "shell \(k)") }
    }

    @Test func anEmptyHalfIsRefused() {
        var given = false
        #expect(throws: DataError.self) {
            try Reconstruction(box: golden.box, pixelSize: golden.pixelSize) {
                defer { given = true }
                return given ? nil : golden.batch(0..<4, halves: [1, 1, 1, 1])
            }
        }
    }

    @Test func priorIsWienersWithSSNROfTheWholeSet() {
        let prior = Reconstruction.prior(
            FSC(values: [1, 0.5, 0, 1], side: 6, pixelSize: 1), weights: [9, 4, 4, 4])
        #expect(prior[0] == 0)
        #expect(abs(prior[1] - 4 * 0.5 / 1) < 1e-12)
        #expect(abs(prior[2] - 4 * 0.999 / 0.002) < 1e-9)
        #expect(abs(prior[3] - 4 * 0.001 / 1.998) < 1e-9)
    }
}

@Suite struct ReconstructionSharingTests {
    private let golden: GoldenReconstruction

    init() throws { golden = try Golden.load("reconstruction.json") }

    private func sums(_ range: Range<Int>, workers: WorkerPool?) throws -> SliceSums {
        let sums = try SliceSums(box: golden.box, workers: workers)
        let batch = golden.batch(range)
        try sums.insert(batch.images, ctf: batch.ctf, rotations: batch.rotations, weights: batch.weights)
        return sums
    }

    @Test func workersMakeTheSameSumsBitForBit() throws {
        let group = try PointGroup("D2")
        let alone = try sums(0..<40, workers: nil)
        let before = try alone.volume().floats()
        try alone.symmetrise(group)
        for count in [2, 5] {
            let shared = try sums(0..<40, workers: WorkerPool(count: count))
            #expect(try shared.volume().floats() == before)
            try shared.symmetrise(group)
            #expect(try shared.volume().floats() == alone.volume().floats())
        }
    }

    /// Every image inserted at each of its equivalent views gives the symmetric map, but for what one more
    /// interpolation costs.
    @Test(arguments: ["C3", "D2", "T", "O", "I1"])
    func symmetryIsThatOfEquivalentViews(_ name: String) throws {
        let group = try PointGroup(name), n = golden.box
        let symmetric = try sums(0..<60, workers: nil)
        try symmetric.symmetrise(group)
        let direct = try SliceSums(box: n)
        let batch = golden.batch(0..<60)
        for element in group.rotations {
            try direct.insert(
                batch.images, ctf: batch.ctf, rotations: batch.rotations.map { $0 * element },
                weights: batch.weights)
        }
        let curve = try FSC(symmetric.volume(), direct.volume(), pixelSize: golden.pixelSize)
        #expect(curve.values[1...n / 3].allSatisfy { $0 > 0.98 }, "\(curve.values)")
    }
}
