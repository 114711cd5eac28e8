import CryoIO
import Foundation
import TestSupport
import Testing
import Torch

@testable import CryoEM

/// The maps of Golden/maps.json, made again.
struct GoldenMaps: Decodable {
    struct Mask: Decodable { let threshold, extend, edge: Double }
    let box: Int
    let pixelSize: Double
    let first, second: [[Double]]
    let mask: Mask
    let fsc, maskedFSC, relionFSC: [Double]

    static func load() throws -> GoldenMaps { try Golden.load("maps.json") }

    func map(_ blobs: [[Double]]) -> DensityMap {
        DensityMap(cube: Self.density(blobs, box), side: box, pixelSize: pixelSize)
    }

    /// Sums of Gaussians x, y, z, height, sigma about index n/2. `[z][y][x]`
    static func density(_ blobs: [[Double]], _ n: Int) -> [Float] {
        var values = [Float](repeating: 0, count: n * n * n)
        for blob in blobs {
            // A Gaussian is a product of three.
            let axes = (0..<3).map { axis in
                (0..<n).map { i -> Double in
                    let d = Double(i - n / 2) - blob[axis]
                    return exp(-d * d / (2 * blob[4] * blob[4]))
                }
            }
            var index = 0
            for z in 0..<n {
                for y in 0..<n {
                    let row = blob[3] * axes[2][z] * axes[1][y]
                    for x in 0..<n {
                        values[index] += Float(row * axes[0][x])
                        index += 1
                    }
                }
            }
        }
        return values
    }
}

@Suite struct FSCTests {
    @Test func curvesEqualNumPyAndFollowRELION() throws {
        let golden = try GoldenMaps.load()
        let (a, b) = (golden.map(golden.first), golden.map(golden.second))
        let mask = try DensityMap.read(Golden.url("mask.mrc").path)
        let plain = try FSC(a, b).values, masked = try FSC(a, b, mask: mask).values
        #expect(zip(plain, golden.fsc).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(zip(masked, golden.maskedFSC).allSatisfy { abs($0 - $1) < 1e-4 })
        // RELION counts the plane kx = 0 of the half space twice, which shells of few terms feel.
        #expect(zip(plain, golden.relionFSC).allSatisfy { abs($0 - $1) < 0.04 })
        #expect(plain.count == golden.relionFSC.count)
    }

    @Test func equalMapsHaveArea1() throws {
        var random = SeededGenerator(seed: 2)
        for side in stride(from: 4, through: 12, by: 2) {
            let map = DensityMap(cube: random.normals(side * side * side), side: side, pixelSize: 2)
            let curve = try FSC(map, map)
            #expect(curve.values.count == side / 2 + 1)
            #expect(abs(curve.area - 1) < 1e-6)
            #expect(abs(curve.cryoBenchArea - 0.5) < 1e-6)
            #expect(curve.resolution(at: 0.143) == 4)
            var negative = map
            negative.values = map.values.map { -2 * $0 }
            #expect(try FSC(map, negative).values.allSatisfy { abs($0 + 1) < 1e-6 })
        }
    }

    @Test func resolutionIsInterpolatedBetweenShells() {
        let curve = FSC(values: [1, 0.9, 0.5, 0.1, 0.3], side: 8, pixelSize: 2)
        #expect(abs((curve.crossing(0.3) ?? 0) - 2.5) < 1e-12)
        #expect(abs(curve.resolution(at: 0.3) - 16 / 2.5) < 1e-12)
        #expect(curve.resolution(at: 0.05) == 4)
        #expect(FSC(values: [1, 0.1, 0], side: 4, pixelSize: 1).resolution(at: 1.5) == .infinity)
        #expect(abs(curve.area - (1 / 2.0 + 0.9 + 0.5 + 0.1 + 0.3 / 2) / 4) < 1e-12)
    }

    @Test func imagesHaveRingCorrelation() throws {
        var random = SeededGenerator(seed: 4)
        let image = Tensor(random.normals(64), shape: [8, 8])
        #expect(try FSC(image, image, pixelSize: 1).values.allSatisfy { abs($0 - 1) < 1e-6 })
    }

    @Test func shellsOfTheHalfSpaceCountEveryFrequencyOnce() throws {
        for side in stride(from: 2, through: 10, by: 2) {
            for dimensions in [2, 3] {
                var counts = [Double](repeating: 0, count: side / 2 + 1)
                let axis = -side / 2..<side / 2
                for z in dimensions == 3 ? Array(axis) : [0] {
                    for y in axis {
                        for x in axis {
                            let shell = Int(Double(x * x + y * y + z * z).squareRoot().rounded())
                            if shell <= side / 2 { counts[shell] += 1 }
                        }
                    }
                }
                let shells = RadialShells(side: side, dimensions: dimensions)
                let shape = Array(repeating: side, count: dimensions - 1) + [side / 2 + 1]
                #expect(try shells.sums(Tensor.ones(shape)).doubles() == counts)
            }
        }
    }

    @Test func boxesThatDifferAreRefused() {
        let a = DensityMap(cube: Array(repeating: 1, count: 64), side: 4, pixelSize: 1)
        let b = DensityMap(cube: Array(repeating: 1, count: 216), side: 6, pixelSize: 1)
        #expect(throws: DataError.self) { try FSC(a, b) }
        #expect(throws: DataError.self) { try FSC(a, a, mask: b) }
    }

    @Test func randomPhasesTakeAwayWhatTheMaskCorrelates() throws {
        let n = 24
        let golden = try GoldenMaps.load()
        let signal = GoldenMaps.density(golden.first, n).map { 4 * $0 }
        var random = SeededGenerator(seed: 6)
        let halves = (0..<2).map { _ in
            DensityMap(cube: zip(signal, random.normals(n * n * n)).map { $0 + $1 }, side: n, pixelSize: 3)
        }
        let mask = try SolventMask(sphere: 15, side: n, pixelSize: 3, edge: 2)
        let curves = try MaskedFSC((halves[0], halves[1]), mask: mask.map)
        #expect(curves.masked.area > curves.unmasked.area + 0.1)
        // White noise has no signal near Nyquist: a tight mask pretends some, the correction takes it back.
        let last = 9...11
        let masked = last.map { abs(curves.masked.values[$0]) }.max() ?? 0
        let corrected = last.map { abs(curves.corrected.values[$0]) }.max() ?? 0
        #expect(corrected < 0.35, "\(masked) \(corrected)")
        #expect(
            curves.corrected.values[0..<curves.firstRandomShell + 2]
                == curves.masked.values[0..<curves.firstRandomShell + 2])
        let amplitudes = try [halves[0], MaskedFSC.withRandomPhases(halves[0], half: 1, from: 6, seed: 3)].map
        { map in
            let f = Tensor(map.values, shape: [n, n, n]).rfftn([0, 1, 2])
            return try RadialShells(side: n, dimensions: 3).sums(f.real().square() + f.imaginary().square())
                .doubles()
        }
        for k in 0..<n / 2 { #expect(abs(amplitudes[1][k] / amplitudes[0][k] - 1) < (k < 6 ? 1e-4 : 0.1)) }
    }
}
