import CryoIO
import TestSupport
import Testing

@testable import CryoEM

/// Statistics of an image against the plain sums over its pixels.
@Suite struct PixelStatisticsTests {
    private static func image(_ box: Int, offset: Float) -> [Float] {
        var random = SeededGenerator(seed: 4)
        return (0..<box * box).map { _ in offset + Float.random(in: -1...3, using: &random) }
    }

    /// Columns of an odd row: two runs of any length; even rows lie outside.
    private static func inside(_ row: Int, _ box: Int) -> [Range<Int>] {
        row.isMultiple(of: 2) ? [] : [1..<box / 3, box / 2..<box - row % 5]
    }

    @Test(arguments: [(17, Float(0)), (32, 2000), (45, -7)])
    func sumsAreThoseOfThePixels(_ box: Int, _ offset: Float) {
        var pixels = Self.image(box, offset: offset)
        for isDamaged in [false, true] {
            if isDamaged { (pixels[3], pixels[box * 2 + 1]) = (.nan, .infinity) }
            let found = pixels.withUnsafeBufferPointer {
                PixelStatistics($0, box: box) { Self.inside($0, box) }
            }
            var (particle, background): ([Double], [Double]) = ([], [])
            for (index, value) in pixels.enumerated() where value.isFinite {
                let isInside = Self.inside(index / box, box).contains { $0.contains(index % box) }
                if isInside { particle.append(Double(value)) } else { background.append(Double(value)) }
            }
            func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
                let mean = values.reduce(0, +) / Double(values.count)
                let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
                return (mean, (squares / Double(values.count)).squareRoot())
            }
            let (outside, all) = (moments(background), moments(particle + background))
            let extreme = (particle + background).map { abs($0 - all.mean) }.max()! / all.deviation
            #expect(found.notFinite == (isDamaged ? 2 : 0))
            #expect(abs(found.mean - outside.mean) < 1e-4)
            #expect(abs(found.deviation - outside.deviation) < 1e-4)
            #expect(abs(found.contrast - (moments(particle).mean - outside.mean)) < 1e-4)
            #expect(abs(found.spread - all.deviation) < 1e-4 && abs(found.extreme - extreme) < 1e-3)
        }
    }

    @Test func aConstantImageIsConstant() {
        let pixels = [Float](repeating: 12.5, count: 400)
        let found = pixels.withUnsafeBufferPointer { PixelStatistics($0, box: 20) { _ in [4..<9] } }
        #expect(found.isConstant && found.mean == 12.5 && found.extreme == 0 && found.contrast == 0)
    }

    /// A ball with a hole beside the middle: every pixel's line through the mask, and no other, is covered,
    /// but for the cells that the surface passes through.
    @Test func aSilhouetteIsTheMasksShadow() throws {
        let side = 48
        let size = 2.0
        let middle = Double(side / 2)
        var values = [Float](repeating: 0, count: side * side * side)
        for index in values.indices {
            let x = Double(index % side) - middle
            let y = Double(index / side % side) - middle
            let z = Double(index / (side * side)) - middle
            let radius = (x * x + y * y + z * z).squareRoot()
            values[index] = radius < 15 && (x - 4) * (x - 4) + y * y > 16 ? 1 : 0
        }
        let mask = try SolventMask(DensityMap(cube: values, side: side, pixelSize: size))
        // From the side the hole does not show; along it, it does.
        for (tilt, hasHole) in [(90.0, false), (0.0, true)] {
            let columns = try Silhouette(mask).columns(
                SIMD3(0, tilt, 0), centre: SIMD2(6, 0), box: side, pixelSize: size)
            for row in 0..<side {
                let y = Double(row) - middle
                for column in 0..<side {
                    let x = Double(column) - middle - 3
                    let radius = (x * x + y * y).squareRoot()
                    let fromHole = ((x - 4) * (x - 4) + y * y).squareRoot()
                    guard abs(radius - 15) > 2, !hasHole || abs(fromHole - 4) > 2 else { continue }
                    let isWanted = radius < 15 && !(hasHole && fromHole < 4)
                    #expect(
                        columns(row).contains { $0.contains(column) } == isWanted, "\(row) \(column) \(tilt)")
                }
            }
        }
    }
}
