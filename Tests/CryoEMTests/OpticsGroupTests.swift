import CryoIO
import Foundation
import TestSupport
import Testing
import Torch

@testable import CryoEM

/// Particle sets whose optics groups have different boxes and pixel sizes.
@Suite struct OpticsGroupTests {
    private static let coarse = ImageGrid(box: 32, pixelSize: 2)
    private static let fine = ImageGrid(box: 48, pixelSize: 1.3)

    /// A Gaussian ball of contrast 1 at a place in Angstrom from the box centre.
    private func ball(_ grid: ImageGrid, at centre: SIMD2<Double>, sigma: Double = 5) -> [Float] {
        (0..<grid.box * grid.box).map { place in
            let x = Double(place % grid.box - grid.box / 2) * grid.pixelSize - centre.x
            let y = Double(place / grid.box - grid.box / 2) * grid.pixelSize - centre.y
            return Float(exp(-(x * x + y * y) / (2 * sigma * sigma)))
        }
    }

    private func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
        zip(a, b).map { abs($0 - $1) }.max() ?? 0
    }

    @Test(arguments: [
        (ImageGrid(box: 48, pixelSize: 1.3), ImageGrid(box: 32, pixelSize: 2)),
        (ImageGrid(box: 64, pixelSize: 1.3), ImageGrid(box: 32, pixelSize: 2)),
        (ImageGrid(box: 30, pixelSize: 1.99), ImageGrid(box: 32, pixelSize: 2)),
        (ImageGrid(box: 50, pixelSize: 2), ImageGrid(box: 32, pixelSize: 2)),
    ])
    func resampledImagesAreThoseOfTheOtherGrid(_ source: ImageGrid, _ target: ImageGrid) throws {
        let centre = SIMD2(3.1, -4.7), shift = SIMD2(-2.3, 1.9)
        let image = Tensor(ball(source, at: centre), shape: [1, source.box, source.box])
        let resample = FourierResample(from: source, to: target, amplitude: .mean)
        let made = try resample(image, shifts: [shift]).floats()
        #expect(largestDifference(made, ball(target, at: centre + shift)) < 2e-3)
    }

    @Test func whiteNoiseKeepsItsVariance() throws {
        var random = SeededGenerator(seed: 4)
        for source in [ImageGrid(box: 48, pixelSize: 1.3), ImageGrid(box: 64, pixelSize: 1.1)] {
            let noise = Tensor(
                random.normals(40 * source.box * source.box), shape: [40, source.box, source.box])
            let target = ImageGrid(box: 24, pixelSize: 2)
            let made = FourierResample(from: source, to: target, amplitude: .noise)(
                noise, shifts: Array(repeating: .zero, count: 40))
            let variance = try made.square().mean([0, 1, 2]).item()
            #expect(abs(variance - 1) < 0.1, "\(source): \(variance)")
        }
    }

    /// Two groups, each with a stack of its own, rows in turn.
    private func files(_ image: (Int, ImageGrid) -> [Float]) throws -> (TemporaryFolder, String) {
        let fixture = try ParticleFixture()
        for (name, grid) in [("coarse.mrcs", Self.coarse), ("fine.mrcs", Self.fine)] {
            let writer = try MRCStackWriter(
                path: fixture.folder.file(name), width: grid.box, height: grid.box, pixelSize: grid.pixelSize)
            for k in 0..<4 { try writer.append(image(k, grid)) }
            try writer.finish()
        }
        let groups = [
            ["1", "a", "300", "2.7", "0.1", "1.3", "48"], ["2", "b", "200", "2.0", "0.07", "2.0", "32"],
        ]
        let text = fixture.star31(8, optics: groups) { _, rows in
            for k in rows.indices {
                rows[k][0] = "\(k / 2 + 1)@" + (k % 2 == 0 ? "fine.mrcs" : "coarse.mrcs")
                rows[k][10] = "\(k % 2 + 1)"
            }
        }
        return (fixture.folder, try fixture.folder.write(text, "particles.star"))
    }

    @Test func allImagesComeToTheGridOfTheCoarsestPixels() throws {
        let (folder, path) = try files { k, grid in ball(grid, at: SIMD2(Double(k), -2)) }
        let set = try ParticleSet(path: path)
        #expect(set.box == 32 && set.pixelSize == 2 && set.grids == [Self.coarse, Self.fine])
        #expect(set.gridOfRow == [1, 0, 1, 0, 1, 0, 1, 0])
        #expect(set.ctf.map(\.voltage) == [300, 200, 300, 200, 300, 200, 300, 200])
        #expect(set.warnings.contains { $0.contains("resampled") })
        let prepared = try PreparedParticles(
            set, Preparation(box: 32, normalization: .never), folder: folder.file("cache"))
        let images = try prepared.images(Array(0..<8)).floats()
        for row in 0..<8 {
            let wanted = ball(Self.coarse, at: SIMD2(Double(row / 2), -2) + set.origins[row])
            let made = Array(images[row * 1024..<(row + 1) * 1024])
            #expect(largestDifference(made, wanted) < 4e-3, "row \(row + 1)")
        }
        #expect(try set.selecting([2, 1]).gridOfRow == [1, 0])
    }

    @Test func noiseOfAllGroupsIsOfVarianceOne() throws {
        var random = SeededGenerator(seed: 9)
        let (folder, path) = try files { _, grid in random.normals(grid.box * grid.box).map { 30 * $0 + 7 } }
        let set = try ParticleSet(path: path)
        let prepared = try PreparedParticles(set, Preparation(box: 32), folder: folder.file("cache"))
        for row in 0..<8 {
            let image = try prepared.images([row]).floats()
            let variance = image.reduce(0) { $0 + Double($1 * $1) } / Double(image.count)
            #expect(abs(variance - 1) < 0.25, "row \(row + 1): \(variance)")
        }
    }

    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
    func sixRealOpticsGroupsKeepTheirValues() throws {
        let path = try #require(SharedData.path("formats/relion31.6opticsgroups.star"))
        let star = try STARFile(path: path)
        let block = try ParticleRows.particleBlock(of: star, file: path)
        let rows = try ParticleRows(star: star, block: block, file: path, reading: ParticleReading())
        let optics = try #require(star[block: "optics"])
        let sizes = try optics.doubles("rlnImagePixelSize"), cs = try optics.doubles("rlnSphericalAberration")
        #expect(Set(sizes).count > 1)
        for row in 0..<rows.count {
            let group = rows.opticsGroups[row] - 1
            #expect(rows.pixelSizes[row] == sizes[group] && rows.ctf[row].sphericalAberration == cs[group])
        }
    }
}
