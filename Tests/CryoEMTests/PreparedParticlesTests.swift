import CryoIO
import Foundation
import TestSupport
import Testing
import Torch

@testable import CryoEM

@Suite struct PreparedParticlesTests {
    private let fixture: ParticleFixture
    private var cache: String { fixture.folder.file("cache") }

    init() throws {
        var fixture = try ParticleFixture()
        fixture.box = 16
        self.fixture = fixture
    }

    private func set(_ count: Int, change: (Int, inout [Float]) -> Void = { _, _ in }) throws -> ParticleSet {
        try fixture.stack("particles.mrcs", count, change: change)
        return try ParticleSet(path: fixture.folder.write(fixture.star31(count), "particles.star"))
    }

    private func background(
        _ image: [Float], _ box: Int, _ radius: Double
    ) -> (mean: Double, deviation: Double) {
        let values = image.indices.filter {
            let (x, y) = (Double($0 % box - box / 2), Double($0 / box - box / 2))
            return x * x + y * y > radius * radius
        }.map { Double(image[$0]) }
        let mean = values.reduce(0, +) / Double(values.count)
        let square = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count)
        return (mean, square.squareRoot())
    }

    @Test func normalisedImagesAreCroppedAndShiftedOnly() throws {
        let set = try set(5)
        let prepared = try PreparedParticles(set, Preparation(box: 8), folder: cache)
        #expect(!prepared.record.normalised)
        #expect(prepared.pixelSize == 4)
        #expect(prepared.count == 5 && prepared.box == 8)
        #expect(prepared.contrastGain == 2)
        let raw = try (0..<5).flatMap { try set.stacks[0].stack.image($0) }
        let wanted = try FourierCrop(from: 16, to: 8, amplitude: .noise)(
            Tensor(raw, shape: [5, 16, 16]), shifts: set.originsInPixels
        ).floats()
        let images = try prepared.images([3, 0])
        #expect(images.shape == [2, 8, 8])
        // The bits of a transform depend on how many images it has beside it.
        let right = Array(wanted[3 * 64..<4 * 64]) + Array(wanted[0..<64])
        for (found, wanted) in zip(try images.floats(), right) { #expect(abs(found - wanted) < 1e-5) }
    }

    @Test func otherImagesGetABackgroundOfMean0AndDeviation1() throws {
        let set = try set(6) { k, image in image = image.map { 120 + Float(10 + k) * $0 } }
        var flat = set
        flat.origins = Array(repeating: .zero, count: 6)
        let prepared = try PreparedParticles(flat, Preparation(box: 16, particleDiameter: 16), folder: cache)
        #expect(prepared.record.normalised)
        #expect(abs(prepared.record.backgroundMean - 120) < 5)
        let statistics = ImageStatistics(box: 16, radius: 4)
        // At the full box only the Nyquist terms are missing; the source pixels themselves are exactly
        // normalised.
        for value in try statistics(prepared.images(Array(0..<6))) {
            #expect(abs(value.mean) < 0.05 && abs(value.deviation - 1) < 0.1)
        }
    }

    @Test func imagesWithoutNoiseStayAsTheyAre() throws {
        let set = try set(6) { _, image in
            for i in image.indices {
                let (x, y) = (i % 16 - 8, i / 16 - 8)
                image[i] = 5 * Float(exp(-Double(x * x + y * y) / 8)) + 0.01 * image[i]
            }
        }
        let prepared = try PreparedParticles(set, Preparation(box: 16), folder: cache)
        #expect(!prepared.record.normalised)
        #expect(prepared.record.warnings.contains { $0.contains("noise") })
    }

    @Test func backgroundStatisticsAreThoseOfThePixelsOutsideTheCircle() throws {
        var random = SeededGenerator(seed: 5)
        let images = (0..<3).map { k in random.normals(256).map { Float(k * 1000) + $0 } }
        let values = try ImageStatistics(box: 16, radius: 6)(
            Tensor(images.flatMap { $0 }, shape: [3, 16, 16]))
        for (image, value) in zip(images, values) {
            let wanted = background(image, 16, 6)
            #expect(abs(value.mean - wanted.mean) < 1e-3 && abs(value.deviation - wanted.deviation) < 1e-3)
            let all = Double(image.reduce(0, +)) / 256
            let inside =
                image.count - 256
                + image.indices.filter {
                    let (x, y) = ($0 % 16 - 8, $0 / 16 - 8)
                    return x * x + y * y <= 36
                }.count
            let contrast = (all - wanted.mean) * 256 / Double(inside)
            #expect(abs(value.contrast - contrast) < 1e-2)
        }
    }

    @Test func contrastSignDarkParticlesGiveAWarningAndInvertMendsIt() throws {
        func particle(_ sign: Float) -> (Int, inout [Float]) -> Void {
            { _, image in
                for i in image.indices {
                    let (x, y) = (i % 16 - 8, i / 16 - 8)
                    if x * x + y * y < 16 { image[i] += 1.5 * sign }
                }
            }
        }
        let dark = try set(8, change: particle(-1))
        let asIs = try PreparedParticles(dark, Preparation(box: 16), folder: cache)
        #expect(asIs.record.contrast < -0.3)
        #expect(asIs.record.warnings.contains { $0.contains("--invert") })
        let mended = try PreparedParticles(dark, Preparation(box: 16, invert: true), folder: cache)
        #expect(mended.record.warnings.isEmpty && mended.record.contrast > 0.3)
        let opposite = try mended.images([2]).floats()
        #expect(try asIs.images([2]).floats() == opposite.map { -$0 })
        let bright = try PreparedParticles(set(8, change: particle(1)), Preparation(box: 16), folder: cache)
        #expect(bright.record.warnings.isEmpty)
    }

    @Test func imagesAreMadeOnceAndAgainWhenAnInputChanges() throws {
        let set = try set(4)
        var calls: [Int] = []
        let first = try PreparedParticles(set, Preparation(box: 8), folder: cache) { done, all in
            calls += [done, all]
        }
        #expect(calls == [4, 4])
        #expect(!first.wasKept)
        let again = try PreparedParticles(set, Preparation(box: 8), folder: cache) { _, _ in
            Issue.record("made again")
        }
        #expect(again.wasKept)
        #expect(again.record == first.record)
        #expect(try again.images([1]).floats() == first.images([1]).floats())
        #expect(try !PreparedParticles(set, Preparation(box: 10), folder: cache).wasKept)
        #expect(try !PreparedParticles(set, Preparation(box: 8, invert: true), folder: cache).wasKept)
        #expect(try !PreparedParticles(set.selecting([0, 1, 3]), Preparation(box: 8), folder: cache).wasKept)
        var moved = set
        moved.origins[2].x += 1
        #expect(try !PreparedParticles(moved, Preparation(box: 8), folder: cache).wasKept)
        try fixture.stack("particles.mrcs", 5)
        #expect(try !PreparedParticles(set, Preparation(box: 8), folder: cache).wasKept)
    }

    @Test func aDamagedCacheIsMadeAgain() throws {
        let set = try set(4)
        let first = try PreparedParticles(set, Preparation(box: 8), folder: cache)
        let wanted = try first.images([3]).floats()
        try Data(repeating: 0, count: 100).write(to: URL(fileURLWithPath: first.path))
        let again = try PreparedParticles(set, Preparation(box: 8), folder: cache)
        #expect(!again.wasKept)
        #expect(try again.images([3]).floats() == wanted)
    }

    @Test func imagesWithNaNOrOneValueAreNamedWithRowAndImage() throws {
        for (value, word) in [(Float.nan, "no numbers"), (.infinity, "no numbers"), (2.5, "constant")] {
            let set = try set(5) { k, image in
                guard k == 3 else { return }
                if word == "constant" { image = image.map { _ in value } } else { image[17] = value }
            }
            let error = try #require(throws: DataError.self) {
                try PreparedParticles(set.selecting([4, 3]), Preparation(box: 8), folder: cache)
            }
            #expect(
                error.description.contains("row 2") && error.description.contains("image 4 of"), "\(error)")
            #expect(error.description.contains(word))
        }
        #expect((try? FileManager.default.contentsOfDirectory(atPath: cache).isEmpty) ?? true)
    }

    @Test func impossibleBoxesAndDiametersAreRefused() throws {
        let set = try set(2)
        for box in [0, 7, 18] {
            #expect(throws: DataError.self) {
                try PreparedParticles(set, Preparation(box: box), folder: cache)
            }
        }
        #expect(throws: DataError.self) {
            try PreparedParticles(set, Preparation(box: 8, particleDiameter: 100), folder: cache)
        }
        let prepared = try PreparedParticles(set, Preparation(box: 8), folder: cache)
        #expect(throws: DataError.self) { try prepared.images([2]) }
    }
}
