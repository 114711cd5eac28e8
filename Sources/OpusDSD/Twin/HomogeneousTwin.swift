import CryoEM
import CryoIO
import Torch

/// Images of a data set that differs from the run's in one thing: every particle shows the consensus.
///
/// Image i of the twin is scale x CTF_i x P_i(consensus) + noise, with the pose and CTF of particle i. Scale
/// and noise are measured: the scale is the one that fits the run's images best, the noise has the mean power
/// of what is then left of them at every frequency, and in image i the variance that is left of image i.
/// Whatever structure the consensus lacks counts as noise here, which makes the twin's codes spread more, not
/// less.
public struct HomogeneousTwin: Sendable {
    /// Images of the run at the box of the twin.
    private let data: StageData
    private let seed: UInt64
    /// Factor on the consensus.
    public let scale: Double
    /// Root of the mean power of the residuals, divided by that of white noise of variance 1, [R, R/2+1].
    private let amplitude: Tensor
    private let grid: CTFGrid
    private let filter: Tensor

    /// Images whose residuals give the spectrum, at most.
    private static let mostMeasured = 1000
    static let block = 64

    /// - Parameter rows: images that scale and noise are measured on.
    /// - Throws: `DataError` where there is no consensus or it does not correlate with the images.
    public init(of data: StageData, rows: [Int], seed: UInt64) throws {
        guard data.hasConsensus, !rows.isEmpty else {
            throw DataError(
                file: nil, "a homogeneous twin wants a consensus and images",
                found: data.hasConsensus ? "no images" : "no consensus",
                remedy: "Keep consensus.mrc in the run's folder.")
        }
        (self.data, self.seed) = (data, seed)
        let box = data.geometry.box
        grid = CTFGrid(box: box, pixelSize: data.geometry.pixelSize, device: data.device)
        filter = ProjectionFilter.transfer(box: box, pixelSize: data.geometry.pixelSize).to(data.device)
        let stride = max(1, rows.count / Self.mostMeasured)
        let measured = Swift.stride(from: 0, to: rows.count, by: stride).map { rows[$0] }
        let moments = try Self.moments(data, measured, grid, filter)
        guard moments.power > 0, moments.cross > 0 else {
            throw DataError(
                file: nil, "the consensus does not correlate with the images", found: "\(moments.cross)",
                wanted: "a positive sum", remedy: "Check poses and contrast of the run.")
        }
        scale = moments.cross / moments.power
        amplitude = try Self.amplitude(data, measured, scale: scale, grid, filter)
    }

    /// Images of one replica, [rows.count, R, R] float32 on the CPU; equal rows, seed and replica give equal
    /// images.
    public func images(_ rows: [Int], replica: Int) throws -> Tensor {
        try images(rows, replicas: rows.map { _ in replica })
    }

    /// Images of rows, each of its own replica.
    func images(_ rows: [Int], replicas: [Int]) throws -> Tensor {
        let parts = try EpochPlan.chunks(Array(rows.indices), of: Self.block).map { places in
            try part(places.map { rows[$0] }, replicas: places.map { replicas[$0] })
        }
        return Tensor.cat(parts)
    }

    private func part(_ rows: [Int], replicas: [Int]) throws -> Tensor {
        let box = data.geometry.box
        var white = [Float](repeating: 0, count: rows.count * box * box)
        let random = CounterRandom(seed: seed)
        for (place, row) in rows.enumerated() {
            random.addNormals(
                .twinNoise, item: replicas[place] * data.particles.count + row, to: &white,
                offset: place * box * box, count: box * box)
        }
        return try withoutGradient { () throws -> Tensor in
            let signal = Self.consensus(data, rows, grid, filter) * scale
            let residual = try data.batch(rows).images.to(.float32) - signal
            let noise = (Tensor(white, shape: [rows.count, box, box]).to(data.device).rfft2() * amplitude)
                .irfft2(box, box)
            let level =
                residual.standardDeviation([1, 2], keep: true) / noise.standardDeviation([1, 2], keep: true)
            return (signal + noise * level).to(.cpu)
        }
    }

    /// The consensus seen by particles, [rows.count, R, R].
    private static func consensus(
        _ data: StageData, _ rows: [Int], _ grid: CTFGrid, _ filter: Tensor
    ) -> Tensor {
        let box = data.geometry.box
        let poses = rows.flatMap { data.particles.rotations[$0].rowMajor }
        let rotations = Tensor(poses, shape: [1, rows.count, 3, 3]).to(data.consensus.dtype).to(data.device)
        let projected = Projector.project(data.consensus, rotations, data.volumeGrid, box: box).select(0, 0)
        let transfer = grid.evaluate(rows.map { data.particles.ctf[$0] }) * filter
        return (projected.to(.float32).rfft2() * transfer).irfft2(box, box)
    }

    private static func moments(
        _ data: StageData, _ rows: [Int], _ grid: CTFGrid, _ filter: Tensor
    ) throws -> (cross: Double, power: Double) {
        var sums = (cross: 0.0, power: 0.0)
        for group in EpochPlan.chunks(rows, of: block) {
            try withoutGradient {
                let predicted = consensus(data, group, grid, filter)
                let images = try data.batch(group).images.to(.float32)
                sums.cross += try (predicted * images).sum().item()
                sums.power += try predicted.square().sum().item()
            }
        }
        return sums
    }

    private static func amplitude(
        _ data: StageData, _ rows: [Int], scale: Double, _ grid: CTFGrid, _ filter: Tensor
    ) throws -> Tensor {
        let box = data.geometry.box
        var sum = Tensor.zeros([box, box / 2 + 1], on: data.device)
        for group in EpochPlan.chunks(rows, of: block) {
            sum = try withoutGradient {
                let residual =
                    try data.batch(group).images.to(.float32) - consensus(data, group, grid, filter) * scale
                let f = residual.rfft2()
                return try (sum + (f.real().square() + f.imaginary().square()).sum([0])).checked()
            }
        }
        return (sum * (1 / Double(rows.count * box * box))).squareRoot()
    }
}

extension RandomStream {
    static let twinNoise = RandomStream(rawValue: 110)
}

/// Some rows of several replicas of a twin as a stage's images, one replica after the other.
struct TwinImages: ImageSource {
    let twin: HomogeneousTwin
    let rows: [Int]
    let replicas: Int
    var count: Int { rows.count * replicas }

    func images(_ indices: [Int]) throws -> Tensor {
        try twin.images(
            indices.map { rows[$0 % rows.count] }, replicas: indices.map { $0 / rows.count })
    }
}
