import CryoEM
import Foundation
import Torch

/// The project's kernels against the same in libtorch's operators, forward and backward, in one run.
public struct KernelBench: Sendable {
    public let device: Device
    public let seconds: Double
    /// Sides of the volumes.
    public let sides: [Int]

    public init(device: Device, seconds: Double, sides: [Int] = [64, 128, 192]) {
        (self.device, self.seconds, self.sides) = (device, seconds, sides)
    }

    public struct Result: Codable, Sendable {
        public let date: String
        public let machine: Machine
        public let threads: Int
        public let rows: [Row]
    }

    public struct Row: Codable, Sendable {
        public let kernel: String
        public let side: Int, batch: Int
        public let ours: Timing, libtorch: Timing
        /// libtorch's time over ours.
        public let ratio: Double
        /// Root mean square of the difference of the results, relative to that of libtorch's.
        public let difference: Double
    }

    private static let affineGrid = Operator("aten::affine_grid_generator")
    private static let gridSampler = Operator("aten::grid_sampler")
    private static let prior = Operator("dsd::volume_prior")
    private static let priorReference = Operator("dsd::volume_prior_reference")

    public func run(report: (Row) -> Void = { _ in }) throws -> Result {
        var rows: [Row] = []
        for side in sides {
            let batch = side > 128 ? 2 : 4
            for row in try [
                projector(side, batch, ball: false), projector(side, batch, ball: true),
                projectorOfAll(side, batch), priors(side, batch),
            ] {
                rows.append(row)
                report(row)
            }
        }
        return Result(
            date: Date().formatted(.iso8601), machine: try Machine(device: device),
            threads: try Runtime.threads(),
            rows: rows)
    }

    private typealias Passes = () throws -> (image: Tensor, gradient: Tensor)

    private func row(
        _ kernel: String, _ side: Int, _ batch: Int, ours: Passes, libtorch: Passes
    ) throws -> Row {
        let watch = Stopwatch(device: device, seconds: seconds)
        let wanted = try libtorch().image
        let error = try (ours().image - wanted).square().mean().squareRoot().item()
        let size = try wanted.square().mean().squareRoot().item()
        let own = try watch.time { _ = try ours() }
        let theirs = try watch.time { _ = try libtorch() }
        return Row(
            kernel: kernel, side: side, batch: batch, ours: own, libtorch: theirs,
            ratio: theirs.median / own.median, difference: error / size)
    }

    /// A rotated volume's sum along z and its gradient: the projector against affine_grid, grid_sample and
    /// sum.
    private func projector(_ side: Int, _ batch: Int, ball: Bool) throws -> Row {
        let (volume, weights) = Self.blob(side: side, ball: ball)
        let volumes = Tensor(volume, shape: [1, side, side, side]).to(device).expand([
            batch, side, side, side,
        ])
        let leaf = try volumes.contiguous().requiringGradient()
        let upstream = Tensor.ones([batch, 1, side, side], on: device)
        let grid = VoxelGrid(weights: weights, side: side).to(device)
        let (poses, matrices) = self.poses(batch, side)
        func gradient(_ image: Tensor) throws -> (Tensor, Tensor) {
            let found = try gradients(of: [image], weights: [upstream], for: [leaf])[0]
            return (image.detached(), found ?? leaf)
        }
        return try row(
            "projector and adjoint, \(ball ? "voxels of a ball" : "all voxels")", side, batch,
            ours: { try gradient(Projector.project(leaf, poses.unsqueeze(1), grid, box: side)) },
            libtorch: { try gradient(Self.turned(leaf.unsqueeze(1), matrices).sum([2])) })
    }

    /// The same without gradients, of 12 volumes at each of `batch` poses, as inference wants it. To
    /// grid_sample they are channels of one volume.
    private func projectorOfAll(_ side: Int, _ batch: Int) throws -> Row {
        let (volume, weights) = Self.blob(side: side, ball: true)
        let one = Tensor(zip(volume, weights).map(*), shape: [1, side, side, side]).to(device)
        let volumes = Tensor.cat((1...12).map { one * Double($0) })
        let grid = VoxelGrid(weights: weights, side: side).to(device)
        let (poses, matrices) = self.poses(batch, side)
        return try row(
            "12 volumes at the same poses, voxels of a ball", side, batch,
            ours: { (Projector.project(all: volumes, poses, grid, box: side), volumes) },
            libtorch: {
                let channels = volumes.unsqueeze(0).expand([batch, 12, side, side, side])
                return (Self.turned(channels, matrices).sum([2]), volumes)
            })
    }

    /// Random rotations [count, 3, 3], and the same as affine_grid wants them, [count, 3, 4].
    private func poses(_ count: Int, _ side: Int) -> (rotations: Tensor, matrices: Tensor) {
        let random = CounterRandom(seed: 3)
        let rotations = (0..<count).map { k in
            func angle(_ j: Int) -> Double { 360 * random.uniform(.synthetic, item: k, j) }
            return EulerAngles(rot: angle(0), tilt: angle(1) / 2, psi: angle(2)).rotation.rowMajor
        }
        // grid_sample looks up R^T y for every place y, in coordinates whose centre is half a voxel off.
        let centre = Float(1) / Float(side)
        let matrices = rotations.flatMap { r in
            (0..<3).flatMap { row -> [Float] in
                let (a, b, c) = (r[row], r[3 + row], r[6 + row])
                return [a, b, c, centre * (1 - a - b - c)]
            }
        }
        return (
            Tensor(rotations.flatMap { $0 }, shape: [count, 3, 3]).to(device),
            Tensor(matrices, shape: [count, 3, 4]).to(device)
        )
    }

    /// Volumes [poses, channels, T, T, T] turned by libtorch.
    private static func turned(_ volumes: Tensor, _ matrices: Tensor) -> Tensor {
        let places = affineGrid(.tensor(matrices), .ints(volumes.shape), .bool(false))
        return gridSampler(.tensor(volumes), .tensor(places), .int(0), .int(0), .bool(false))
    }

    /// A smooth volume that is zero near its faces, and the weights of all voxels or of a ball around it.
    private static func blob(side: Int, ball: Bool) -> (volume: [Float], weights: [Float]) {
        let radius = 0.45 * Double(side)
        var volume = [Float](repeating: 0, count: side * side * side)
        var weights = volume
        for flat in volume.indices {
            let place = SIMD3(
                Double(flat % side - side / 2), Double(flat / side % side - side / 2),
                Double(flat / (side * side) - side / 2))
            let square = (place * place).sum()
            volume[flat] = Float(exp(-square / (radius * radius / 9)) * (1 + place.x / radius))
            weights[flat] = !ball || square < radius * radius ? 1 : 0
        }
        return (volume, weights)
    }

    /// Total variation, mean absolute density and their gradient.
    private func priors(_ side: Int, _ batch: Int) throws -> Row {
        let random = CounterRandom(seed: 4)
        let values = random.normals(
            .synthetic, items: Tensor(indices: [7]), count: batch * side * side * side)
        let leaf = try values.to(.float32).reshape([batch, side, side, side]).to(device).requiringGradient()
        let ones = Tensor.ones([batch], on: device)
        func passes(_ kernel: Operator) -> Passes {
            {
                let (tv, l1) = kernel.pair(.tensor(leaf), .int(1), .int(side))
                let found = try gradients(of: [tv, l1], weights: [ones, ones], for: [leaf])[0]
                return (Tensor.stack([tv.detached(), l1.detached()]), found ?? leaf)
            }
        }
        return try row(
            "volume priors and gradient", side, batch, ours: passes(Self.prior),
            libtorch: passes(Self.priorReference))
    }
}
