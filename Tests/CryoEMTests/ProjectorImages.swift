import CryoEM
import Foundation
import TestSupport
import Torch

/// Gaussian balls, whose projections are known in closed form.
struct Balls {
    /// Places in pixels from index N/2, and heights.
    let centres: [SIMD3<Double>], heights: [Double]
    /// Standard deviation, pixels.
    let sigma: Double

    /// Balls off the centre, at most `reach` pixels from it.
    init(count: Int, reach: Double, sigma: Double, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var places: [SIMD3<Double>] = []
        while places.count < count {
            let place = SIMD3(
                random.uniform(-reach, reach), random.uniform(-reach, reach), random.uniform(-reach, reach))
            let length = (place * place).sum().squareRoot()
            if length < reach && length > reach / 4 { places.append(place) }
        }
        centres = places
        heights = places.map { _ in random.uniform(0.5, 1.5) }
        self.sigma = sigma
    }

    init(_ centre: SIMD3<Double>, sigma: Double) {
        (centres, heights, self.sigma) = ([centre], [1], sigma)
    }

    /// Densities at the voxels of a cube, [z][y][x], float64 [1, side, side, side].
    func volume(_ side: Int, pitch: Double = 1) -> Tensor {
        var values = [Double](repeating: 0, count: side * side * side)
        for (centre, height) in zip(centres, heights) {
            let profiles = (0..<3).map { axis in
                (0..<side).map { Self.gaussian(Double($0 - side / 2) * pitch - centre[axis], sigma) }
            }
            for z in 0..<side {
                for y in 0..<side {
                    let outer = height * profiles[2][z] * profiles[1][y]
                    for x in 0..<side { values[(z * side + y) * side + x] += outer * profiles[0][x] }
                }
            }
        }
        return Tensor(values, shape: [1, side, side, side])
    }

    /// Line integrals along the image's z axis at the pixels of an image, float64 [box, box].
    func projection(_ pose: Rotation, _ box: Int) -> Tensor {
        var values = [Double](repeating: 0, count: box * box)
        let line = (2 * Double.pi).squareRoot() * sigma
        for (centre, height) in zip(centres, heights) {
            let place = pose * centre
            let across = (0..<box).map { Self.gaussian(Double($0 - box / 2) - place.x, sigma) }
            for y in 0..<box {
                let outer = height * line * Self.gaussian(Double(y - box / 2) - place.y, sigma)
                for x in 0..<box { values[y * box + x] += outer * across[x] }
            }
        }
        return Tensor(values, shape: [box, box])
    }

    private static func gaussian(_ x: Double, _ sigma: Double) -> Double { exp(-x * x / (2 * sigma * sigma)) }
}

extension Rotation {
    /// [1, poses, 3, 3], float64.
    static func tensor(_ poses: [Rotation]) -> Tensor {
        let rows = poses.flatMap { [$0.row0, $0.row1, $0.row2] }
        return Tensor(rows.flatMap { [$0.x, $0.y, $0.z] }, shape: [1, poses.count, 3, 3])
    }
}

extension VoxelGrid {
    /// All voxels of a cube, weight 1.
    static func whole(_ side: Int, pitch: Double = 1, scale: Double = 1) -> VoxelGrid {
        VoxelGrid(
            weights: [Float](repeating: 1, count: side * side * side), side: side, pitch: pitch, scale: scale,
            dtype: .float64)
    }
}

extension Tensor {
    /// Real images [..., box, box] times a function of frequency [box, box/2+1].
    func filtered(_ transfer: Tensor) -> Tensor { (rfft2() * transfer).irfft2(size(-2), size(-1)) }
}

/// Where one image lies on another.
struct ImageFit {
    /// Pearson's correlation of the two as they are.
    let correlation: Double
    /// The move of `image` against `reference`, pixels, from the peak of their cross-correlation.
    let shift: SIMD2<Double>

    /// - Parameters: images [box, box].
    init(_ image: Tensor, on reference: Tensor) throws {
        let box = image.size(0)
        let a = image - image.mean(), b = reference - reference.mean()
        correlation = try ((a * b).sum() / 1 * (1 / (a.norm().item() * b.norm().item()))).item()
        let surface = try (a.rfft2() * b.rfft2().conjugate()).irfft2(box, box).doubles()
        func at(_ x: Int, _ y: Int) -> Double { surface[(y + box) % box * box + (x + box) % box] }
        let peak = surface.indices.max { surface[$0] < surface[$1] } ?? 0
        let (x, y) = (peak % box, peak / box)
        func vertex(_ left: Double, _ right: Double) -> Double {
            (left - right) / (2 * (left + right - 2 * at(x, y)))
        }
        func centred(_ k: Int) -> Double { Double(k < box - k ? k : k - box) }
        shift = SIMD2(
            centred(x) + vertex(at(x - 1, y), at(x + 1, y)), centred(y) + vertex(at(x, y - 1), at(x, y + 1)))
    }
}
