import CryoIO
import Foundation
import OpusDSD
import Torch

/// Measures a training step and the floor below it, the bare convolutions and linear layers, in one run.
public struct Bench: Sendable {
    public var configuration: Configuration
    public let box: Int
    public let device: Device
    /// Numbers of workers that are measured.
    public let workers: [Int]
    /// Wanted seconds for each thing measured.
    public let seconds: Double

    /// Different images that the batches are drawn from, in batches.
    private static let batches = 8

    /// - Parameters:
    ///   - configuration: its first stage at `box` is measured; `sampling.batch` images a step.
    public init(_ configuration: Configuration, box: Int, device: Device, workers: [Int], seconds: Double)
        throws(TorchError)
    {
        var c = configuration
        try c.numerics.settle(for: device)
        var stage = c.stages[0]
        stage.box = box
        if stage.volume > 0 { stage.volume = Self.volumeSide(box: box) }
        c.stages = [stage]
        self.configuration = c
        (self.box, self.device, self.seconds) = (box, device, seconds)
        self.workers = device.isCUDA ? [1] : workers
    }

    /// The paper's volumes are finer than the crop box; METHOD 8.1 has 144 at R = 128 and 288 at R = 256.
    private static func volumeSide(box: Int) -> Int { max(32, (box * 9 / 8 + 15) / 16 * 16) }

    /// Radius of the mask's ball: the crop box is then about 0.9 of the box, as for a particle that fills its
    /// box.
    private var radius: Double { (0.45 * Double(box)).rounded(.down) - 3 }

    public func run(report: (String) -> Void = { _ in }) throws -> BenchResult {
        let batch = configuration.sampling.batch
        // So many particles that the memory bank is drawn from, as it is in real sets.
        let made = try SyntheticData(
            count: max(Self.batches * batch, 2 * configuration.prior.candidates),
            images: Self.batches * batch, box: box, radius: radius)
        let data = try made.stage(configuration, device: device)
        let model = try Model(configuration, geometry: data.geometry, mask: data.mask, device: device)
        let g = data.geometry
        let sizes = BenchResult.Sizes(
            box: g.box, cropBox: g.cropBox, volumeSide: g.volumeSide, encoderSide: g.encoderSide,
            voxels: data.volumeGrid.count, batch: batch, latentSize: configuration.model.latentSize,
            parameters: Model.parameterCount(model.parameters))
        report(
            "box \(g.box), crop \(g.cropBox), volume \(g.volumeSide), pseudo-volume \(g.encoderSide), "
                + "\(batch) images a step, \(configuration.numerics.convolutions.rawValue)")
        let before = device.isCUDA ? try Runtime.peakMemory(device, reset: true) : Machine.peakResidentBytes
        var runs: [BenchResult.Measured] = []
        var peak = before
        for count in workers.sorted() {
            var c = configuration
            c.numerics.workers = count
            let pool = WorkerPool(count: count)
            let step = try self.step(c, data: data, pool: pool)
            peak = max(
                peak, device.isCUDA ? try Runtime.peakMemory(device, reset: true) : Machine.peakResidentBytes)
            report(String(format: "%d workers: %.2f ms a step", count, step.median * 1000))
            runs.append(try measured(c, data: data, model: model, pool: pool, step: step, report: report))
        }
        let file = try fromFile(made, data, memory: runs.last)
        guard let last = runs.last, let first = runs.first else {
            throw DataError(file: nil, "there is nothing to measure", remedy: "Give a number of workers")
        }
        return BenchResult(
            date: Date().formatted(.iso8601), machine: try Machine(device: device),
            preset: configuration.preset, convolutions: configuration.numerics.convolutions.rawValue,
            sizes: sizes, runs: runs, stepOverFloor: last.stepOverFloor,
            imagesPerSecond: last.imagesPerSecond,
            speedUp: runs.count > 1 ? last.imagesPerSecond / first.imagesPerSecond : nil,
            peakBytes: peak, peakBytesPerImage: max(0, peak - before) / batch, fromFile: file)
    }

    /// The step of the last run again with images in memory, and with the same images read from a file.
    private func fromFile(
        _ made: SyntheticData, _ data: StageData, memory last: BenchResult.Measured?
    ) throws -> BenchResult.FromFile? {
        guard let last else { return nil }
        var c = configuration
        c.numerics.workers = last.workers
        let pool = WorkerPool(count: last.workers)
        let other = data.showing(try FileImages(made.images, box: box), of: data.particles)
        let file = try step(c, data: other, pool: pool)
        let memory = try step(c, data: data, pool: pool)
        return .init(memory: memory, file: file, speed: memory.median / file.median)
    }

    /// The whole step as training does it: batches read ahead, terms read now and then.
    private func step(_ c: Configuration, data: StageData, pool: WorkerPool) throws -> Timing {
        let run = try StageRun(c, stage: c.stages[0], data: data, workers: pool)
        try run.start(from: [:], resuming: false, file: "")
        let all = EpochPlan.chunks(Array(0..<data.particles.count), of: c.sampling.batch)
        let reader = run.reader((0..<100_000).map { all[$0 % all.count] }, from: 0)
        defer { reader.stop() }
        var number = 0
        var records: [StepRecord] = []
        return try Stopwatch(device: device, seconds: 2 * seconds).time(repeats: device.isCUDA ? 4 : 1) {
            records.append(try run.update(try reader.next(), step: number, beta: 0.5, rate: 1e-4))
            number += 1
            guard records.count >= run.recordsHeld else { return }
            for record in records { _ = try record.terms() }
            records = []
        }
    }

    private func measured(
        _ c: Configuration, data: StageData, model: Model, pool: WorkerPool, step: Timing,
        report: (String) -> Void
    ) throws -> BenchResult.Measured {
        let watch = Stopwatch(device: device, seconds: seconds)
        let shares = TrainingStep.split(Array(0..<c.sampling.batch), into: pool.count).map(\.count)
        let bare = shares.map { share in
            BareLayer.all(model, encoderSide: data.geometry.encoderSide, count: share, device: device)
        }
        func time(_ bodies: [@Sendable () throws -> Void]) throws -> Timing {
            try watch.time(repeats: device.isCUDA ? 4 : 1) {
                _ = try pool.map { worker in try bodies[worker]() }
            }
        }
        let comparesLibtorch = !device.isCUDA && pool.count == workers.max()
        var layers: [BenchResult.Layer] = []
        var (floor, libtorchFloor) = (Timing.none, Timing.none)
        var operations = 0.0
        for k in bare[0].indices {
            let timing = try time(bare.map { try $0[k].prepare() })
            var libtorch: Timing?
            for type in bare[0][k].prepareLibtorch.indices where comparesLibtorch {
                let found = try time(bare.map { try $0[k].prepareLibtorch[type]() })
                if found.median < libtorch?.median ?? .infinity { libtorch = found }
            }
            let work = bare.reduce(0) { $0 + $1[k].operations }
            operations += work
            floor = floor + timing
            libtorchFloor = libtorchFloor + (libtorch ?? .none)
            layers.append(
                .init(
                    name: bare[0][k].name, seconds: timing.median, libtorchSeconds: libtorch?.median,
                    teraflops: work / timing.median * 1e-12))
        }
        report(String(format: "%d workers: %.2f ms for the bare layers", pool.count, floor.median * 1000))
        let training = TrainingStep(c, data: data, model: model, workers: pool)
        let parts = try training.batch(Array(0..<c.sampling.batch)).parts
        let lines = try StepLines(
            configuration: c, data: data, model: model, workers: pool, step: training, parts: parts,
            watch: watch
        ).all(floor: floor, parameters: model.parameters)
        let known = lines.reduce(floor.median) { $0 + $1.timing.median }
        let rest = step.median - known
        let all = lines.map {
            BenchResult.Line(
                name: $0.name, seconds: $0.timing.median, share: $0.timing.median / step.median,
                bytes: $0.bytes)
        }
        return .init(
            workers: pool.count, step: step, floor: floor, stepOverFloor: step.median / floor.median,
            libtorchFloor: comparesLibtorch ? libtorchFloor : nil,
            imagesPerSecond: Double(c.sampling.batch) / step.median,
            floorTeraflops: operations / floor.median * 1e-12, layers: layers,
            lines: all + [
                .init(
                    name: "everything else, less what runs at once", seconds: rest, share: rest / step.median,
                    bytes: nil)
            ])
    }
}
