import CryoEM
import Foundation
import TestSupport
import Testing
import Torch

/// The projector against line integrals in closed form.
@Suite struct ProjectorPhysicsTests {
    static let box = 32
    static let poses: [Rotation] = {
        var random = SeededGenerator(seed: 11)
        return (0..<200).map { _ in Rotation(uniform: random.uniform(), random.uniform(), random.uniform()) }
    }()

    /// Fourier ring correlation of two images in each ring up to 0.9 of Nyquist, and the reference's power
    /// there.
    private func rings(_ a: Tensor, _ b: Tensor) throws -> [(correlation: Double, power: Double)] {
        let (fa, fb) = (a.rfft2(), b.rfft2())
        let cross = try (fa * fb.conjugate()).real().doubles()
        let powers = try [fa, fb].map { try ($0 * $0.conjugate()).real().doubles() }
        let n = Self.box, last = Int(0.9 * Double(n / 2))
        var sums = [(Double, Double, Double)](repeating: (0, 0, 0), count: last + 1)
        for row in 0..<n {
            let ky = row < n / 2 ? row : row - n
            for kx in 0...n / 2 {
                let ring = Int(hypot(Double(kx), Double(ky)).rounded()), k = row * (n / 2 + 1) + kx
                guard ring <= last else { continue }
                let weight = kx == 0 ? 1.0 : 2.0
                sums[ring].0 += weight * cross[k]
                sums[ring].1 += weight * powers[0][k]
                sums[ring].2 += weight * powers[1][k]
            }
        }
        return sums.map { ($0.0 / ($0.1 * $0.2).squareRoot(), $0.2) }
    }

    struct Accuracy: Sendable, CustomStringConvertible {
        let pitch: Double, side: Int, sigma: Double
        /// Rings with this share of the strongest ring's power must reach a correlation of 0.999 at every
        /// pose.
        let power: Double
        /// Bounds on the relative error of an image: the median over poses, and the worst pose.
        let median: Double, worst: Double
        var description: String { "pitch \(pitch), sigma \(sigma)" }
    }

    /// A voxel is a point, so beside its line integral a projection has the lattice's own pattern: the
    /// volume's mean density, repeated at the lattice's frequencies, as far as the bilinear weights let it
    /// through. It is strongest on the image's own grid at poses that turn a lattice axis to the image's
    /// diagonal, and falls with the pitch.
    @Test(arguments: [
        Accuracy(pitch: 1, side: 32, sigma: 1.5, power: 1e-1, median: 0.05, worst: 0.2),
        Accuracy(pitch: 1, side: 33, sigma: 3, power: 1e-2, median: 0.02, worst: 0.2),
        Accuracy(pitch: 0.8, side: 40, sigma: 2, power: 1e-1, median: 0.015, worst: 0.1),
        Accuracy(pitch: 0.5, side: 64, sigma: 1.5, power: 1e-2, median: 0.003, worst: 0.03),
    ])
    func projectionsOfGaussianBallsAreTheirLineIntegralsAt200Poses(_ wanted: Accuracy) throws {
        let (side, pitch) = (wanted.side, wanted.pitch)
        let balls = Balls(count: 6, reach: 7, sigma: wanted.sigma, seed: 5)
        let volume = balls.volume(side, pitch: pitch)
        let weights = try (volume > 1e-7).floats()
        let grid = VoxelGrid(
            weights: weights, side: side, pitch: pitch, scale: pitch * pitch * pitch, dtype: .float64)
        let images = Projector.project(volume, Rotation.tensor(Self.poses), grid, box: Self.box)
            .filtered(ProjectionFilter.transfer(box: Self.box, pixelSize: 1, dtype: .float64))
        try images.checked()
        var worstRing = 1.0, errors: [Double] = []
        for (k, pose) in Self.poses.enumerated() {
            let integral = balls.projection(pose, Self.box), found = images.select(0, 0).select(0, k)
            let rings = try rings(found, integral)
            let floor = wanted.power * (rings.map(\.power).max() ?? 0)
            for ring in rings where ring.power > floor { worstRing = min(worstRing, ring.correlation) }
            errors.append(try (found - integral).norm().item() / integral.norm().item())
        }
        errors.sort()
        #expect(worstRing >= 0.999)
        #expect(errors[100] < wanted.median && errors[199] < wanted.worst)
        // Scale: the mean of an image is exact, so its sum is that of the line integrals.
        let sums = try images.sum([0, 2, 3]).doubles()
        let exact = try balls.projection(.identity, Self.box).sum().item()
        for sum in sums { #expect(abs(sum / exact - 1) < 1e-3) }
    }

    @Test func rotationIsAboutIndexHalfOfTheSideInEveryGrid() throws {
        for (side, box) in [(16, 16), (17, 16), (16, 17), (17, 17), (12, 20), (21, 16)] {
            var values = [Double](repeating: 0, count: side * side * side)
            values[(side / 2 * side + side / 2) * side + side / 2] = 1
            let volume = Tensor(values, shape: [1, side, side, side])
            let images = Projector.project(
                volume, Rotation.tensor(Self.poses), .whole(side, pitch: 0.7), box: box)
            let found = try images.sum([0, 1]).doubles()
            for (place, value) in found.enumerated() {
                #expect(abs(value - (place == (box / 2) * box + box / 2 ? 200 : 0)) < 1e-9)
            }
        }
    }

    @Test func anOffCentreBallLandsAtItsRotatedPlace() throws {
        let centre = SIMD3(5.2, -3.4, 2.7), n = Self.box
        let volume = Balls(centre, sigma: 1.5).volume(n)
        let images = try Projector.project(volume, Rotation.tensor(Self.poses), .whole(n), box: n).checked()
        let ramp = Tensor.range(0, n, .float64)
        let mass = images.sum([2, 3])
        let x = try ((images.sum([2]) * ramp).sum([2]) / mass).doubles()
        let y = try ((images.sum([3]) * ramp).sum([2]) / mass).doubles()
        for (k, pose) in Self.poses.enumerated() {
            let wanted = pose * centre
            #expect(
                abs(x[k] - wanted.x - Double(n / 2)) < 0.01 && abs(y[k] - wanted.y - Double(n / 2)) < 0.01)
        }
    }

    /// By hand: a turn of rot by +90 degrees brings +x of the volume to -y of the image, tilt by +90 brings
    /// +z to -x.
    @Test(arguments: [
        (EulerAngles(rot: 0, tilt: 0, psi: 0), SIMD3(6.0, 2, 1), SIMD2(6.0, 2)),
        (EulerAngles(rot: 90, tilt: 0, psi: 0), SIMD3(6.0, 2, 1), SIMD2(2.0, -6)),
        (EulerAngles(rot: 0, tilt: 0, psi: 90), SIMD3(6.0, 2, 1), SIMD2(2.0, -6)),
        (EulerAngles(rot: 0, tilt: 90, psi: 0), SIMD3(6.0, 2, 1), SIMD2(-1.0, 2)),
        (EulerAngles(rot: 0, tilt: 180, psi: 0), SIMD3(6.0, 2, 1), SIMD2(-6.0, 2)),
        (EulerAngles(rot: 90, tilt: 90, psi: 0), SIMD3(6.0, 2, 1), SIMD2(-1.0, -6)),
    ])
    func handOfQuarterTurnsByHand(
        _ angles: EulerAngles, _ voxel: SIMD3<Double>, _ pixel: SIMD2<Double>
    ) throws {
        let n = 16
        var values = [Double](repeating: 0, count: n * n * n)
        values[(Int(voxel.z) + 8) * n * n + (Int(voxel.y) + 8) * n + Int(voxel.x) + 8] = 1
        let image = Projector.project(
            Tensor(values, shape: [1, n, n, n]), Rotation.tensor([Rotation(angles)]), .whole(n), box: n)
        let found = image.select(0, 0).select(0, 0)
        #expect(abs(try found.select(0, Int(pixel.y) + 8).select(0, Int(pixel.x) + 8).item() - 1) < 1e-12)
        #expect(abs(try found.sum().item() - 1) < 1e-12)
    }

    @Test func lookUpSpreadsAnImagePointAlongItsLineOfSight() throws {
        let n = Self.box, point = SIMD2(4.3, -5.6)
        for pose in Self.poses.prefix(20) {
            // The point lies where the rotated place of any voxel on its line lies.
            let inverse = pose.inverse
            let image = Balls(inverse * SIMD3(point.x, point.y, 0), sigma: 1.5).projection(pose, n)
            let volume = Projector.lookup(image.reshape([1, 1, n, n]), Rotation.tensor([pose]), .whole(n))
            let values = try volume.doubles()
            let top = try image.max().item()
            for step in stride(from: -7.0, through: 7, by: 1) {
                let place = inverse * SIMD3(point.x, point.y, step)
                let near = SIMD3(place.x.rounded(), place.y.rounded(), place.z.rounded())
                let index = (Int(near.z) + n / 2) * n * n + (Int(near.y) + n / 2) * n + Int(near.x) + n / 2
                let seen = pose * near
                let distance = hypot(seen.x - point.x, seen.y - point.y)
                #expect(abs(values[index] / top - exp(-distance * distance / 4.5)) < 0.06)
            }
            // The brightest voxel of every slice across the volume lies within a voxel of the line.
            for slice in (n / 2 - 3)...(n / 2 + 3) {
                let part = values[(slice * n * n)..<((slice + 1) * n * n)]
                let best = try #require(part.indices.max { part[$0] < part[$1] })
                let place = SIMD3(
                    Double(best % n - n / 2), Double(best / n % n - n / 2), Double(slice - n / 2))
                let seen = pose * place
                // A line that runs within the slice's plane need not meet it inside the box.
                if part[best] > 0.7 * top { #expect(hypot(seen.x - point.x, seen.y - point.y) < 1.5) }
            }
        }
    }

    @Test func lookUpIsTheAdjointThroughTheInterface() throws {
        let grid = VoxelGrid.whole(14, pitch: 0.9), poses = Rotation.tensor(Array(Self.poses.prefix(3)))
        let x = Tensor.normal([1, 14, 14, 14], seed: 1), y = Tensor.normal([1, 3, 12, 12], seed: 2)
        let left = try (Projector.project(x, poses, grid, box: 12) * y).sum().item()
        let right = try (x * Projector.lookup(y, poses, grid)).sum().item()
        #expect(abs(left - right) < 1e-11 * abs(left))
    }

    @Test func volumesOfAnotherSideThanTheGridsAreErrors() throws {
        let pose = Rotation.tensor([.identity])
        let failed = Projector.project(.zeros([1, 9, 9, 9], .float64), pose, .whole(8), box: 8)
        #expect(failed.error?.description == "dsd::project: volumes [1, 9, 9, 9], the grid has side 8")
        let all = Projector.project(
            all: .zeros([1, 9, 9, 9], .float64), pose.reshape([-1, 3, 3]), .whole(8), box: 8)
        #expect(all.error?.description == "dsd::project_all: volumes [1, 9, 9, 9], the grid has side 8")
    }

    @Test func gridLeavesOutVoxelsOfWeightZeroAndKeepsTheWeightsOfOthers() throws {
        var weights = [Float](repeating: 0, count: 27)
        weights[5] = 0.25
        weights[26] = 1
        let grid = VoxelGrid(weights: weights, side: 3, pitch: 0.5, scale: 2, dtype: .float64)
        #expect(grid.count == 2 && grid.side == 3 && grid.pitch == 0.5)
        #expect(try grid.index.ints() == [5, 26])
        // Voxel 5 is (2, 1, 0), voxel 26 is (2, 2, 2); the centre is (1, 1, 1).
        #expect(try grid.voxels.doubles() == [0.5, 0.5, 0, 0.5, -0.5, 0.5, 0.5, 2])
    }

    @Test func transferUndoesTheBilinearWeightsAndEmptiesNyquist() throws {
        let n = 8, pixel = 2.5, b = 4.0
        let plain = try ProjectionFilter.transfer(box: n, pixelSize: pixel, dtype: .float64).doubles()
        let damped = try ProjectionFilter.transfer(box: n, pixelSize: pixel, bFactor: b, dtype: .float64)
            .doubles()
        for row in 0..<n {
            for column in 0...n / 2 {
                let k = row * (n / 2 + 1) + column
                guard row != n / 2, column != n / 2 else {
                    #expect(plain[k] == 0 && damped[k] == 0)
                    continue
                }
                let (kx, ky) = (Double(column) / 8, Double(row < 4 ? row : row - 8) / 8)
                func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(.pi * x) / (.pi * x) }
                #expect(abs(plain[k] * pow(sinc(kx) * sinc(ky), 2) - 1) < 1e-14)
                let envelope = exp(-b * .pi * .pi * (kx * kx + ky * ky) / (pixel * pixel))
                #expect(abs(damped[k] - plain[k] * envelope) < 1e-14)
            }
        }
    }
}
