extension Configuration {
    /// Named starting points; every value can be changed after.
    public enum Preset: String, CaseIterable, Sendable {
        /// Two CPU cores: a low-resolution box first, then the full one.
        case small
        /// A GPU or many cores: wider networks, up to the full box.
        case standard
        /// Every number of the paper.
        case paper

        public var configuration: Configuration {
            var c: Configuration
            switch self {
            case .small: c = .small
            case .standard: c = .standard
            case .paper: c = .paper
            }
            c.preset = rawValue
            return c
        }
    }

    private static var small: Configuration {
        var c = Configuration()
        var coarse = Stage()
        var fine = Stage()
        (coarse.box, coarse.images, coarse.learningRate) = (32, 24_000, 3e-3)
        (fine.box, fine.images, fine.learningRate, fine.trainsEncoder) = (64, 20_000, 8e-3, false)
        c.stages = [coarse, fine]
        c.inference.rounds = 2
        // Codes settled by likelihood have no views in them, with the prior or without (docs/quality.md).
        c.objective.lambda = 0
        c.sampling.imagesPerVolume = 4
        c.model.base = .none
        return c
    }

    private static var standard: Configuration {
        var c = Configuration()
        c.model.encoderWidth = 0.5
        c.model.encoderBox = 64
        c.model.decoderWidth = 0.25
        c.sampling.batch = 32
        var coarse = Stage()
        var full = Stage()
        (coarse.box, coarse.images, coarse.learningRate) = (64, 300_000, 2e-3)
        (full.box, full.images, full.learningRate) = (0, 400_000, 3e-4)
        c.stages = [coarse, full]
        return c
    }

    /// Paper, Methods, with METHOD 7; the LASSO weight, which the text leaves out, is that of the paper's
    /// program.
    private static var paper: Configuration {
        var c = Configuration()
        c.model.encoderWidth = 1
        c.model.encoderBox = 128
        c.model.encoderInput = .raw
        c.model.decoderWidth = 1
        c.model.base = .none
        c.model.outputGain = 1
        c.objective.lambdaTV = 1
        c.objective.lambdaL1 = 0.3
        c.objective.errorMask = .target
        c.objective.area = .perImage
        c.objective.bFactor = 4
        c.objective.noiseWeights = false
        c.annealing.cycles = 4
        c.annealing.ramp = 0.8
        c.sampling.batch = 72
        c.sampling.classBlocks = 1
        c.augmentation.contrast = 0.5
        c.augmentation.brightness = 0.2
        c.augmentation.fourierDropout = 0
        c.poseRefinement.enabled = false
        c.optimizer.clip = 0
        c.optimizer.schedule = .decay
        c.optimizer.warmup = 0
        c.optimizer.epsilon = 1e-8
        c.numerics.convolutions = .float32
        var full = Stage()
        (full.box, full.volume, full.epochs, full.learningRate) = (0, 256, 20, 1e-4)
        c.stages = [full]
        return c
    }
}
