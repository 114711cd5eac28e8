import CryoEM
import Foundation
import Testing
import Torch

@testable import OpusDSD

@Suite struct TwinTests {
    private static let count = 300

    private func configuration() -> Configuration {
        var c = Configuration()
        var stage = Configuration.Stage()
        (stage.box, stage.volume, stage.epochs) = (12, 0, 1)
        c.stages = [stage]
        return c
    }

    /// Images of `scale` times the consensus with noise of the given amplitude in low and in high
    /// frequencies.
    private func stage(scale: Double, low: Double, high: Double) throws -> StageData {
        let tiny = TinyData(count: Self.count)
        let empty = try tiny.stage(configuration())
        let g = empty.geometry
        let rows = Array(0..<Self.count)
        let poses = Tensor(
            rows.flatMap { tiny.particles.rotations[$0].rowMajor }, shape: [1, Self.count, 3, 3])
        let transfer =
            CTFGrid(box: g.box, pixelSize: g.pixelSize).evaluate(tiny.particles.ctf)
            * ProjectionFilter.transfer(box: g.box, pixelSize: g.pixelSize)
        let clean =
            (Projector.project(empty.consensus, poses, empty.volumeGrid, box: g.box).select(0, 0).rfft2()
            * transfer).irfft2(g.box, g.box)
        let gains = (0..<g.box).flatMap { row in
            (0...g.box / 2).map { column -> Float in
                let ky = row < g.box / 2 ? row : row - g.box
                return Float(ky * ky + column * column <= 9 ? low : high)
            }
        }
        let noise = (tiny.images.all.rfft2() * Tensor(gains, shape: [g.box, g.box / 2 + 1])).irfft2(
            g.box, g.box)
        return try tiny.stage(configuration(), images: MemoryImages(all: (clean * scale + noise).checked()))
    }

    private func power(_ images: Tensor) throws -> [Double] {
        let f = images.rfft2()
        let mean = (f.real().square() + f.imaginary().square()).mean([0])
        let (low, high) = (mean.select(0, 1).select(0, 1), mean.select(0, 5).select(0, 4))
        return [try low.item(), try high.item()]
    }

    @Test func scaleAndNoiseAreThoseOfTheImages() throws {
        let data = try stage(scale: 2, low: 0.5, high: 0.1)
        let rows = Array(0..<Self.count)
        let twin = try HomogeneousTwin(of: data, rows: rows, seed: 1)
        #expect((twin.scale - 2).magnitude < 0.1, "\(twin.scale)")
        let made = try twin.images(rows, replica: 0)
        #expect(made.shape == [Self.count, 12, 12])
        // Signal and noise are the same, so is the power at any frequency.
        for (own, other) in zip(try power(try data.batch(rows).images), try power(made)) {
            #expect((other / own - 1).magnitude < 0.25, "\(own) \(other)")
        }
        // What two replicas share is the signal.
        let shared = try (made * (try twin.images(rows, replica: 1))).mean().item()
        let whole = try made.square().mean().item()
        let signal = try (made - (try twin.images(rows, replica: 1))).square().mean().item() / 2
        #expect((whole - signal - shared).magnitude < 0.05 * whole)
    }

    @Test func anImageDependsOnItsRowReplicaAndSeedAlone() throws {
        let data = try stage(scale: 1, low: 1, high: 1)
        let twin = try HomogeneousTwin(of: data, rows: Array(0..<Self.count), seed: 1)
        let alone = try twin.images([7], replica: 3).floats()
        let among = try twin.images([2, 7, 100], replica: 3).select(0, 1).floats()
        #expect(zip(alone, among).allSatisfy { ($0 - $1).magnitude < 1e-5 })
        #expect(try twin.images([7], replica: 4).floats() != alone)
        let other = try HomogeneousTwin(of: data, rows: Array(0..<Self.count), seed: 2)
        #expect(try other.images([7], replica: 3).floats() != alone)
    }

    @Test func imagesAgainstTheConsensusAreRefused() throws {
        let data = try stage(scale: -3, low: 0.1, high: 0.1)
        #expect(throws: (any Error).self) {
            try HomogeneousTwin(of: data, rows: Array(0..<Self.count), seed: 1)
        }
    }
}
