import CryoEM
import OpusDSD
import Torch

/// The parts of a training step, each of which can be run alone on a batch that is split over the workers.
struct StepLines {
    let configuration: Configuration
    let data: StageData
    let model: Model
    let workers: WorkerPool
    let step: TrainingStep
    let parts: [ParticleBatch]
    let watch: Stopwatch

    private var count: Int { parts.reduce(0) { $0 + $1.indices.count } }
    private var bytes: Int { data.volumeGrid.voxels.dtype.bytes }

    struct Timed {
        let name: String
        let timing: Timing
        let bytes: Int?
    }

    /// Everything but the bare layers; `floor` is what they take.
    func all(floor: Timing, parameters: [Parameter]) throws -> [Timed] {
        let networks = try self.networks()
        let projector = try self.projector()
        let errors = try self.errors()
        var lines = [
            Timed(name: "data: images, poses, CTF", timing: try batches(), bytes: 2 * count * imageBytes),
            Timed(
                name: "encoder's image: filters, augmentation", timing: try encoderImages(),
                bytes: 6 * count * imageBytes),
            Timed(
                name: "look-up of the pseudo-volume", timing: try lookup(), bytes: gridBytes(data.encoderGrid)
            ),
            Timed(
                name: "activations, changes of type and layout", timing: networks.less(floor), bytes: nil),
            Timed(
                name: "projector and its adjoint", timing: projector,
                bytes: 2 * gridBytes(data.volumeGrid) + count * volumeBytes),
            Timed(
                name: "CTF, masks and image error", timing: errors.less(projector),
                bytes: 12 * count * imageBytes),
        ]
        if configuration.objective.lambdaTV > 0 || configuration.objective.lambdaL1 > 0 {
            lines.append(
                Timed(name: "volume priors", timing: try priors(), bytes: 3 * count * volumeBytes))
        }
        let values = Model.parameterCount(parameters)
        lines.append(Timed(name: "terms of codes, memory bank", timing: try codes(), bytes: nil))
        lines.append(
            Timed(
                name: "norm of the gradient, optimiser", timing: try optimiser(parameters),
                bytes: 10 * 4 * values))
        return lines
    }

    private var imageBytes: Int { data.geometry.box * data.geometry.box * bytes }
    private var volumeBytes: Int {
        data.geometry.volumeSide * data.geometry.volumeSide * data.geometry.volumeSide * bytes
    }
    /// A pass over the voxels of a grid for every image: value, index, coordinates and weight.
    private func gridBytes(_ grid: VoxelGrid) -> Int { count * grid.count * (bytes + 4 + 4 * bytes) }

    /// Times `body` on all workers at once; each has its part.
    private func time(
        _ prepare: (ParticleBatch) throws -> @Sendable () throws -> Void
    ) throws -> Timing {
        let bodies = try parts.map(prepare)
        return try watch.time {
            _ = try workers.map { worker in if worker < bodies.count { try bodies[worker]() } }
        }
    }

    private func batches() throws -> Timing {
        try time { part in { [data] in _ = try data.batch(part.indices).spectra.checked() } }
    }

    private func encoderImages() throws -> Timing {
        try time { part in
            { [data, step] in
                try withoutGradient { () throws -> Void in
                    let images = data.encoderImages(part, keep: step.augmentation.keep(part, step: 1))
                    try step.augmentation.adjusted(images, part, step: 1).checked()
                }
            }
        }
    }

    private func lookup() throws -> Timing {
        try time { part in
            let images = data.encoderImages(part)
            return { [data] in
                try withoutGradient { () throws -> Void in try data.pseudoVolumes(images, part).checked() }
            }
        }
    }

    /// Both networks with everything in them, forward and backward.
    private func networks() throws -> Timing {
        let encoder = try time { part in
            let volumes = withoutGradient { data.pseudoVolumes(data.encoderImages(part), part) }
            return { [model] in
                let (mean, logSigma) = model.encoder(volumes, model.precision)
                let found = try gradients(
                    of: [mean, logSigma], weights: [mean.detached(), logSigma.detached()],
                    for: model.encoder.parameters.map(\.tensor))
                for gradient in found { try gradient?.checked() }
            }
        }
        let decoder = try time { part in
            let codes = try Tensor.full(
                [part.indices.count, model.latentSize], 0.1, .float32, on: data.device
            ).requiringGradient()
            let upstream = Tensor.ones(volumeShape(part), .float32, on: data.device)
            return { [model] in
                let volumes = model.decoder(codes, model.precision)
                let found = try gradients(
                    of: [volumes], weights: [upstream],
                    for: [codes] + model.decoder.parameters.map(\.tensor))
                for gradient in found { try gradient?.checked() }
            }
        }
        return encoder + decoder
    }

    private func volumeShape(_ part: ParticleBatch) -> [Int] {
        [part.indices.count] + [Int](repeating: data.geometry.volumeSide, count: 3)
    }

    private func volumes(_ part: ParticleBatch) throws -> Tensor {
        try Tensor.full(volumeShape(part), 0.1, data.volumeGrid.voxels.dtype, on: data.device)
            .requiringGradient()
    }

    private func projector() throws -> Timing {
        try time { part in
            let volumes = try volumes(part)
            let images = part.images
            let upstream = images.unsqueeze(1).expand(
                [part.indices.count, part.rotations.size(1)] + images.shape.dropFirst()
            ).contiguous()
            return { [data] in
                let images = Projector.project(
                    volumes, part.rotations, data.volumeGrid, box: data.geometry.box)
                try gradients(of: [images], weights: [upstream], for: [volumes])[0]?.checked()
            }
        }
    }

    /// From volumes to the loss and back, with the projector; poses as stored.
    private func errors() throws -> Timing {
        try time { part in
            let volumes = try volumes(part)
            let codes = Tensor.zeros([part.indices.count, model.encoder.mean.bias.count], on: data.device)
            return { [data, model] in
                let mask = data.mask(for: part)
                let errors = data.errors(codes, volumes: volumes, part, model, mask: mask)
                let loss = (errors / data.areas(part, mask: mask)).mean()
                try gradients(of: loss, for: [volumes])[0]?.checked()
            }
        }
    }

    private func priors() throws -> Timing {
        try time { part in
            let volumes = try volumes(part)
            return { [data] in
                let prior = VolumePrior.evaluate(volumes, in: data.priorRange)
                let sum = prior.totalVariation.mean() + prior.meanAbsolute.mean()
                try gradients(of: sum, for: [volumes])[0]?.checked()
            }
        }
    }

    private func codes() throws -> Timing {
        let size = model.encoder.mean.bias.count
        let bank = MemoryBank(
            classes: data.particles.classes, latentSize: size, momentum: 0.7, seed: 1, device: data.device)
        let rows = Tensor.cat(parts.map(\.rows))
        let classes = Tensor.cat(parts.map(\.classes))
        let mean = bank.codes.indexSelect(0, rows)
        let logSigma = mean * 0
        return try watch.time {
            try Runtime.onOneThread {
                try bank.update(rows, mean)
                try step.codeTerms(mean, logSigma, classes: classes, bank: bank, step: 1, beta: 0.5).terms
                    .checked()
            }
        }
    }

    private func optimiser(_ parameters: [Parameter]) throws -> Timing {
        let own = try parameters.map { Parameter($0.name, try $0.tensor.detached().clone().checked()) }
        let gradients = own.map { $0.tensor * 1e-3 }
        let adam = Adam(own)
        return try watch.time {
            try Runtime.onOneThread {
                try globalNorm(gradients).checked()
                try adam.step(gradients, learningRate: 1e-9, workers: workers)
            }
        }
    }
}

extension Timing {
    /// What is left of this when something that it contains is taken away; at least 0.
    func less(_ part: Timing) -> Timing {
        func rest(_ a: Double, _ b: Double) -> Double { Swift.max(0, a - b) }
        return Timing(
            median: rest(median, part.median), low: rest(low, part.high), high: rest(high, part.low),
            samples: Swift.min(samples, part.samples))
    }
}
