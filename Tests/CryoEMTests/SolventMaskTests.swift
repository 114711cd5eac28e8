import CryoIO
import Foundation
import TestSupport
import Testing

@testable import CryoEM

@Suite struct SolventMaskTests {
    @Test func maskEqualsRELIONsMaskCreation() throws {
        let golden = try GoldenMaps.load()
        let mask = try SolventMask(
            of: golden.map(golden.first), threshold: golden.mask.threshold, extend: golden.mask.extend,
            edge: golden.mask.edge)
        let wanted = try DensityMap.read(Golden.url("mask.mrc").path)
        let worst = zip(mask.map.values, wanted.values).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 1e-5)
        #expect(mask.pixelSize == 3)
    }

    @Test func distancesEqualBruteForceOnSmallBoxes() {
        var random = SeededGenerator(seed: 1)
        for size in [
            GridSize(x: 5, y: 4, z: 3), GridSize(x: 1, y: 6, z: 2), GridSize(side: 5), GridSize(side: 1),
        ] {
            for density in [0.02, 0.2, 0.7] {
                let inside = (0..<size.count).map { _ in random.uniform() < density }
                let found = DistanceTransform.squared(toInside: inside, size: size)
                func place(_ i: Int) -> (Int, Int, Int) {
                    (i % size.x, i / size.x % size.y, i / (size.x * size.y))
                }
                for i in 0..<size.count {
                    let a = place(i)
                    let nearest =
                        (0..<size.count).filter { inside[$0] }.map { j -> Float in
                            let b = place(j)
                            return Float(
                                (a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1) + (a.2 - b.2)
                                    * (a.2 - b.2))
                        }.min() ?? .infinity
                    #expect(found[i] == nearest)
                }
            }
        }
    }

    @Test func smallPartsGoAndCavitiesFill() {
        let size = GridSize(x: 7, y: 5, z: 5)
        var inside = Array(repeating: false, count: size.count)
        func at(_ x: Int, _ y: Int, _ z: Int) -> Int { (z * 5 + y) * 7 + x }
        for z in 1...3 { for y in 1...3 { for x in 1...3 { inside[at(x, y, z)] = true } } }
        inside[at(2, 2, 2)] = false
        inside[at(6, 0, 0)] = true
        let filled = Components.filled(inside, size: size)
        #expect(filled[at(2, 2, 2)])
        #expect(filled.filter { $0 }.count == 28)
        let large = Components.keepingLarge(inside, size: size, share: 0.1)
        #expect(!large[at(6, 0, 0)] && large.filter { $0 }.count == 26)
        let all = Components.labelled(inside, size: size)
        #expect(all.counts.sorted() == [1, 26])
    }

    @Test func sphereIsCentredOnHalfTheBox() throws {
        let mask = try SolventMask(sphere: 10, side: 16, pixelSize: 2.5, edge: 2)
        #expect(mask.map.values[(8 * 16 + 8) * 16 + 8] == 1)
        #expect(mask.extents.x == 3...13 && mask.extents.y == 3...13 && mask.extents.z == 3...13)
        #expect(mask.margin == 3)
        #expect(mask.map.values[(8 * 16 + 8) * 16 + 12] == 1)
        #expect(abs(mask.map.values[(8 * 16 + 8) * 16 + 13] - 0.5) < 1e-6)
        #expect(mask.map.values[(8 * 16 + 8) * 16 + 14] == 0)
        // The outermost voxel above 0 is at (5, 3, 1) voxels.
        #expect(abs(mask.radius - 2.5 * 35.0.squareRoot()) < 1e-9)
    }

    @Test func resamplingKeepsPhysicalPlacesAboutHalfTheBox() throws {
        let mask = try SolventMask(sphere: 18, side: 32, pixelSize: 2, edge: 6)
        for (side, pixel) in [(16, 4.0), (24, 2.0), (40, 1.5), (32, 2.0)] {
            let other = try mask.resampled(side: side, pixelSize: pixel)
            let direct = try SolventMask(sphere: 18, side: side, pixelSize: pixel, edge: 12 / pixel)
            let worst = zip(other.map.values, direct.map.values).map { abs($0 - $1) }.max() ?? 1
            #expect(worst < 0.06, "\(side) \(pixel): \(worst)")
        }
        #expect(try mask.resampled(side: 32, pixelSize: 2).map.values == mask.map.values)
    }

    @Test func aMaskOfAnotherBoxOrPixelSizeIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("mask.mrc")
        try SolventMask(sphere: 10, side: 16, pixelSize: 2).map.write(to: path)
        #expect(try SolventMask(path: path, box: 16, pixelSize: 2).side == 16)
        let box = try #require(throws: DataError.self) { try SolventMask(path: path, box: 20, pixelSize: 2) }
        #expect(box.description.contains("found 16, wanted 20"))
        let pixel = try #require(throws: DataError.self) {
            try SolventMask(path: path, box: 16, pixelSize: 2.1)
        }
        #expect(pixel.description.contains("2.1"))
    }

    @Test func valuesThatAreNoMaskAreRefused() {
        func map(_ value: Float) -> DensityMap {
            DensityMap(cube: Array(repeating: value, count: 64), side: 4, pixelSize: 1)
        }
        for value: Float in [2, -1, .nan, 0] {
            #expect(throws: DataError.self) { try SolventMask(map(value)) }
        }
        #expect(throws: DataError.self) {
            try SolventMask(DensityMap(cube: Array(repeating: 1, count: 27), side: 3, pixelSize: 1))
        }
        #expect(throws: DataError.self) { try SolventMask(of: map(0.5), threshold: 0.9) }
    }

    @Test func aNoisyMapGivesAMaskThatHoldsTheParticle() throws {
        let n = 40
        let golden = try GoldenMaps.load()
        let signal = GoldenMaps.density(
            golden.first.map { [2 * $0[0], 2 * $0[1], 2 * $0[2], $0[3], 2.2] }, n)
        let truth = signal.map { $0 > 0.15 }
        for noise: Float in [0, 0.3, 1] {
            var random = SeededGenerator(seed: 12)
            let map = DensityMap(
                cube: zip(signal, random.normals(n * n * n)).map { $0 + noise * $1 }, side: n, pixelSize: 4)
            let mask = try SolventMask(drawnFrom: map)
            let held = zip(truth, mask.map.values).filter { $0.0 }.map(\.1)
            #expect(held.filter { $0 > 0.5 }.count > held.count * 98 / 100, "noise \(noise)")
            let share = Double(mask.map.values.filter { $0 > 0.5 }.count) / Double(truth.filter { $0 }.count)
            #expect(share < 5, "noise \(noise): \(share)")
        }
    }
}
