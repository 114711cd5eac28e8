import CryoIO
import Foundation
import Testing

@testable import CryoEM

@Suite struct MapSamplerTests {
    private static let side = 16
    private static let pixelSize = 2.5

    /// A Gaussian of 2 voxels about a place between voxels, with its gradient.
    private static func gaussian(_ p: SIMD3<Double>) -> (value: Double, gradient: SIMD3<Double>) {
        let d = p / pixelSize - SIMD3(7.3, 8.1, 7.8)
        let value = exp(-(d * d).sum() / 8)
        return (value, -value / (4 * pixelSize) * d)
    }

    private static func map() -> DensityMap {
        let values = (0..<side * side * side).map { flat -> Float in
            let voxel = SIMD3(Double(flat % side), Double(flat / side % side), Double(flat / (side * side)))
            return Float(gaussian(pixelSize * voxel).value)
        }
        return DensityMap(cube: values, side: side, pixelSize: pixelSize)
    }

    @Test func splinesGoThroughTheVoxels() {
        let map = Self.map()
        let sampler = SplineSampler(map)
        for (x, y, z) in [(2, 3, 4), (7, 8, 8), (12, 5, 9), (1, 1, 1), (13, 13, 13)] {
            let found = sampler.value(at: Self.pixelSize * SIMD3(Double(x), Double(y), Double(z)))
            let wanted = Double(map.values[(z * Self.side + y) * Self.side + x])
            #expect(abs(found - wanted) < 1e-6)
        }
    }

    @Test func betweenVoxelsSplinesAreNearAndLinesAreNot() {
        let map = Self.map()
        let (spline, linear) = (SplineSampler(map), LinearSampler(map))
        var worst = (spline: 0.0, linear: 0.0, slope: 0.0)
        for k in 0..<60 {
            let t = Double(k) * 0.618_033_988_749
            let voxel = SIMD3(5 + (3 * t).truncatingRemainder(dividingBy: 5), 6.4 + 0.04 * Double(k), 7.5)
            let place = Self.pixelSize * voxel
            let (value, gradient) = Self.gaussian(place)
            let found = spline.valueAndGradient(at: place)
            worst.spline = max(worst.spline, abs(found.value - value))
            worst.linear = max(worst.linear, abs(linear.value(at: place) - value))
            let off = found.gradient - gradient
            worst.slope = max(worst.slope, (off * off).sum().squareRoot())
        }
        #expect(worst.spline < 0.002 && worst.slope < 0.002, "\(worst)")
        #expect(worst.linear > 10 * worst.spline, "\(worst)")
    }

    @Test func gradientsAreThoseOfTheValues() {
        let sampler = SplineSampler(Self.map())
        let (place, step) = (SIMD3(17.1, 19.4, 21.0), 1e-4)
        let gradient = sampler.valueAndGradient(at: place).gradient
        for axis in 0..<3 {
            var aside = SIMD3<Double>.zero
            aside[axis] = step
            let slope = (sampler.value(at: place + aside) - sampler.value(at: place - aside)) / (2 * step)
            #expect(abs(slope - gradient[axis]) < 1e-7)
        }
    }

    @Test func nothingIsOutside() {
        let sampler = SplineSampler(Self.map())
        for place in [SIMD3(-1.0, 10, 10), SIMD3(10.0, 10, 40), SIMD3(Double.nan, 0, 0)] {
            #expect(sampler.value(at: place) == 0)
        }
    }
}
