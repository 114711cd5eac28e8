import OpusDSD
import Torch

extension Selftest {
    /// Twenty updates in float32 on the device and on the CPU from the same start: every term of the
    /// objective, and what the trained model then encodes and decodes. Covers the preset `small` and the
    /// objective of `paper`.
    func trainingChecks() throws -> [Check] {
        try [Configuration.Preset.small, .paper].flatMap { preset -> [Check] in
            let there = try training(preset, on: device)
            let here = try training(preset, on: .cpu)
            let names = ["reconstruction", "divergence", "total variation", "total"]
            let values = [\ObjectiveTerms.reconstruction, \.divergence, \.totalVariation, \.total]
            var checks = zip(names, values).compactMap { name, value -> Check? in
                let scale = here.terms.map { abs($0[keyPath: value]) }.max() ?? 0
                guard scale > 0 else { return nil }
                let worst = zip(there.terms, here.terms).map { abs($0[keyPath: value] - $1[keyPath: value]) }
                    .max()
                return Check(
                    "\(preset.rawValue), 20 updates, \(name)", against: "the CPU in float32",
                    found: (worst ?? .infinity) / scale, tolerance: 5e-3)
            }
            for (name, pair) in zip(["codes", "volumes"], zip(there.results, here.results)) {
                checks.append(
                    Check(
                        "\(preset.rawValue), \(name) after them", against: "the CPU in float32",
                        found: try difference(pair.0, pair.1), tolerance: 2e-2))
            }
            return checks
        }
    }

    private struct Trained {
        let terms: [ObjectiveTerms]
        /// Codes of 8 particles and the volumes of two of them.
        let results: [Tensor]
    }

    private func training(_ preset: Configuration.Preset, on device: Device) throws -> Trained {
        var c = preset.configuration
        c.model.encoderWidth = 0.25
        c.model.decoderWidth = 0.0625
        c.model.encoderBox = 32
        c.sampling.batch = 8
        c.numerics.convolutions = .float32
        c.numerics.workers = 1
        c.optimizer.warmup = 0
        var stage = Configuration.Stage()
        (stage.box, stage.learningRate) = (32, 1e-3)
        c.stages = [stage]
        let data = try SyntheticData(count: 160, box: 32, radius: 10).stage(c, device: device)
        let run = try StageRun(c, stage: stage, data: data, workers: WorkerPool(count: 1))
        try run.start(from: [:], resuming: false, file: "")
        let batches = (0..<20).map { step in (0..<8).map { step * 8 + $0 } }
        let reader = run.reader(batches, from: 0)
        defer { reader.stop() }
        let records = try batches.indices.map { step in
            try run.update(try reader.next(), step: step, beta: 0.5, rate: 1e-3)
        }
        let codes = try run.evaluation.encode(Array(0..<8))
        let latent = Tensor(codes.mean, shape: [8, codes.width])
        let volumes = try run.evaluation.decode(Array(codes.mean.prefix(2 * codes.width)), count: 2)
        return Trained(
            terms: try records.map { try $0.terms() },
            results: [latent, Tensor(volumes.flatMap { $0 }, shape: [volumes.joined().count])])
    }
}
