import CryoEM
import CryoIO
import Foundation
import Testing

@testable import Analysis

@Suite struct StateVolumesTests {
    /// A Gaussian of 4 voxels at `place` from the centre of a cube of 128.
    private func blob(_ place: SIMD3<Double>) -> DensityMap {
        let side = 128
        func profile(_ centre: Double) -> [Float] {
            (0..<side).map { Float(exp(-pow(Double($0) - 64 - centre, 2) / 32)) }
        }
        let (x, y, z) = (profile(place.x), profile(place.y), profile(place.z))
        var values: [Float] = []
        values.reserveCapacity(side * side * side)
        for depth in z {
            for row in y { values += x.map { $0 * row * depth } }
        }
        return DensityMap(cube: values, side: side, pixelSize: 1.5)
    }

    @Test func aLargeBoxIsCutToTheMaskAndMadeSmaller() throws {
        let map = blob(SIMD3(30, 0, -10))
        let solvent = try SolventMask(
            DensityMap(cube: map.values.map { min(1, $0 * 20) }, side: 128, pixelSize: 1.5), file: "mask.mrc")
        let volume = try StateVolumes(mask: solvent).volume(map, name: "decoded")
        #expect(volume.size.x <= StateVolumes.largestSide && volume.size.x % 2 == 0)
        // The centre of the density stays where it was, from index N/2 of the new grid.
        var (sum, moment) = (0.0, 0.0)
        for (place, step) in volume.steps.enumerated() where step > 20 {
            sum += Double(step)
            moment += Double(step) * Double(place % volume.size.x - volume.size.x / 2)
        }
        #expect(abs(moment / sum * volume.voxel - 30 * 1.5) < 0.2)
    }

    @Test func aSmallBoxKeepsItsVoxels() throws {
        let map = DensityMap(cube: (0..<512).map { Float($0) }, side: 8, pixelSize: 4)
        let mask = try SolventMask(
            DensityMap(cube: [Float](repeating: 1, count: 512), side: 8, pixelSize: 4), file: "mask.mrc")
        let volume = try StateVolumes(mask: mask).volume(map, name: "decoded")
        #expect(volume.size.x == 8 && volume.voxel == 4 && volume.steps.last == 255)
    }
}
