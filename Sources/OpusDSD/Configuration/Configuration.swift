/// Every hyper-parameter of a run. A run prints it and saves it whole as `config.yaml`.
///
/// Symbols are those of the paper; where a default differs from the paper's value, `docs/method.md` has the
/// measurement.
public struct Configuration: Codable, Equatable, Sendable {
    /// Name of the preset that the values started from.
    public var preset = "small"
    /// Seed of every random value.
    public var seed: UInt64 = 1
    public var model = Model()
    public var objective = Objective()
    public var prior = Prior()
    public var annealing = Annealing()
    public var sampling = Sampling()
    public var augmentation = Augmentation()
    public var optimizer = Optimizer()
    public var poseSearch = PoseSearch()
    public var poseRefinement = PoseRefinement()
    public var inference = Inference()
    public var numerics = Numerics()
    /// Trained one after the other, from a low-resolution box to the full one.
    public var stages: [Stage] = [Stage()]

    public init() {}

    /// What the encoder sees (METHOD 2.1, 13.4).
    public enum EncoderInput: String, Codable, Sendable, CaseIterable {
        /// The image (paper).
        case raw
        /// Phases flipped by the sign of the CTF.
        case flipped
        /// Image minus CTF times the projected consensus, phases flipped.
        case residual
    }

    /// What the decoder's output is added to (METHOD 13.5).
    public enum Base: String, Codable, Sendable, CaseIterable {
        /// Nothing (paper): V = dec(z).
        case none
        /// V = consensus + gain * dec(z).
        case consensus
    }

    public struct Model: Codable, Equatable, Sendable {
        /// Size Z of the latent code.
        public var latentSize = 8
        /// Channels of the encoder relative to the paper's 32, 64, 128, 256, 512, 512.
        public var encoderWidth = 0.25
        /// Largest side of the images that the encoder sees; its pseudo-volume is the crop cube at that
        /// sampling.
        public var encoderBox = 32
        public var encoderInput = EncoderInput.residual
        /// Starting value of log sigma.
        public var logSigmaBias = 0.0
        /// Channels of the decoder relative to the paper's 2048, 1024, ... 16.
        public var decoderWidth = 0.0625
        public var base = Base.consensus
        /// Multiplies the decoder's output; 0 means the standard deviation of the consensus inside the mask.
        public var outputGain = 0.0
        /// The pose-correction head of METHOD 2.6: a second latent block turned into a small rotation and
        /// shift.
        public var poseCorrection = false
        /// Size of that block.
        public var poseCorrectionSize = 4
        public init() {}
    }

    /// Which side of the squared error is multiplied by the projected mask.
    public enum ErrorMask: String, Codable, Sendable, CaseIterable {
        case none
        /// The image, not the prediction (paper's program, METHOD 3.1).
        case target
        /// Both: the error inside the projected mask alone.
        case both
    }

    /// What the squared error of an image is divided by.
    public enum AreaNormalization: String, Codable, Sendable, CaseIterable {
        /// The largest projected mask area over all directions, one number for the run.
        case common
        /// Each image's own projected mask area (METHOD 3.1).
        case perImage
    }

    public struct Objective: Codable, Equatable, Sendable {
        /// Weight of the Kullback-Leibler divergence.
        public var lambdaKL = 0.01
        /// Weight of the total variation (paper Eq. 8).
        public var lambdaTV = 0.0
        /// Weight of the mean absolute density (LASSO).
        public var lambdaL1 = 0.0
        /// Weight of the structural-disentanglement prior (paper Eq. 7).
        public var lambda = 0.5
        public var errorMask = ErrorMask.none
        public var area = AreaNormalization.common
        /// Whether frequencies count by how weak their noise is: images, and what is compared with them, are
        /// divided by the noise's amplitude, measured outside of the particle.
        public var noiseWeights = true
        /// b of the envelope exp(-b pi^2 s^2) on the prediction, in A^2 (METHOD 1.5).
        public var bFactor = 0.0
        public init() {}
    }

    /// The structural-disentanglement prior (paper Eq. 5 and 6, METHOD 3.4).
    public struct Prior: Codable, Equatable, Sendable {
        /// Neighbours attracted within a view class of the batch.
        public var intraNeighbours = 4
        /// Weight of the terms against the memory bank (Eq. 6); 0 leaves them out.
        public var bankWeight = 1.0
        /// Codes drawn from the memory bank for a batch.
        public var candidates = 12800
        /// Nearest candidates of other classes, attracted.
        public var interNeighbours = 128
        /// Furthest candidates of other classes, repelled.
        public var interFar = 512
        /// Weight of that repulsion; 3 in the paper's program.
        public var farWeight = 1.0
        /// The detached weight min(d^2, 1) on the repulsion within the batch, of the paper's program.
        public var boundedRepulsion = false
        /// Share of a bank code that an update keeps.
        public var bankMomentum = 0.7
        /// Added to squared distances in repulsions.
        public var epsilon = 1e-3
        public init() {}
    }

    /// beta(t) in [floor, 1]: rises linearly over `ramp` of each of `cycles` equal parts of the run, then
    /// stays at 1.
    public struct Annealing: Codable, Equatable, Sendable {
        public var cycles = 1
        public var ramp = 0.3
        public var floor = 0.0
        public init() {}
    }

    public struct Sampling: Codable, Equatable, Sendable {
        public var batch = 16
        /// View classes in a batch: 0 mixes all views, 1 is the paper's, g puts g blocks of one class each
        /// in a batch.
        public var classBlocks = 0
        /// Images that see one volume where a stage keeps the codes (`SharedVolumes`), at most the batch; 1:
        /// each its own.
        public var imagesPerVolume = 1
        /// Share of the images that are encoded but never trained on.
        public var validationFraction = 0.1
        public init() {}
    }

    /// On the encoder's input alone (METHOD 5), during training.
    public struct Augmentation: Codable, Equatable, Sendable {
        /// The image is multiplied by 1 + contrast (u - 1/2), u uniform.
        public var contrast = 0.0
        /// The image has brightness n added, n standard normal.
        public var brightness = 0.0
        /// Share of the Fourier components of the image that is left out, drawn anew every time.
        public var fourierDropout = 0.3
        /// Standard deviation, degrees about each axis, of a rotation of the pose at which the image is
        /// looked up.
        public var tilt = 0.0
        public init() {}
    }

    public enum Schedule: String, Codable, Sendable, CaseIterable {
        /// Half a cosine from the stage's rate to zero.
        case cosine
        /// Multiplied by `decay` after every epoch (paper).
        case decay
        case constant
    }

    public struct Optimizer: Codable, Equatable, Sendable {
        public var schedule = Schedule.cosine
        /// Factor per epoch of the schedule `decay`.
        public var decay = 0.95
        /// Steps at the start of a stage over which the rate rises from zero.
        public var warmup = 30
        public var beta1 = 0.9
        public var beta2 = 0.999
        public var epsilon = 1e-10
        /// Largest norm of the gradient; 0 does not clip. Typical norms are near 0.1; a step of a far larger
        /// one can undo what a run has learned.
        public var clip = 0.2
        public init() {}
    }

    /// Rendering at several poses around the stored one, weighted by how well each explains the image
    /// (METHOD 13.2).
    public struct PoseSearch: Codable, Equatable, Sendable {
        /// The stored pose and eight tilts around it.
        public var enabled = false
        /// Angle of the tilts, degrees.
        public var tilt = 2.0
        public init() {}
    }

    /// Poses and contrasts of images by their likelihood under the decoder, while it is trained.
    public struct PoseRefinement: Codable, Equatable, Sendable {
        public var enabled = true
        /// Shares of the epochs of the first stage that trains the encoder after which poses are refined,
        /// until there is nothing to refine.
        public var after: [Double] = [0.2, 0.35, 0.5, 0.65, 0.8]
        public init() {}
    }

    /// Whether poses are refined: with codes that are inferred, and where no block of the code corrects them.
    var refinesPoses: Bool { poseRefinement.enabled && inference.enabled && !model.poseCorrection }

    /// Codes of images by their likelihood under the decoder, once the encoder is trained.
    public struct Inference: Codable, Equatable, Sendable {
        /// Otherwise codes are the encoder's.
        public var enabled = true
        /// Cells that codes are divided into; every image is compared with every cell.
        public var cells = 64
        /// Cells in which an image is looked at closely.
        public var closer = 4
        /// Squared errors count 1 / temperature: above 1 allows for what the model leaves out, such as errors
        /// of the poses.
        public var temperature = 2.0
        /// Rounds after the encoder's last stage: codes are found under the decoder, which then learns from
        /// them alone, and so on. Each is a stage that `settles`.
        public var rounds = 0
        /// Training images that the decoder sees in a round, the nearest number of whole epochs; a third of
        /// the encoder's last stage where that has `epochs`.
        public var roundImages = 8000
        public init() {}
    }

    /// `automatic` is bfloat16 where the device has instructions for it, else `tensorFloat32`, which is
    /// float32 with the faster products of CUDA devices; on a CPU it is float32.
    public enum ConvolutionType: String, Codable, Sendable, CaseIterable {
        case automatic, float32, tensorFloat32, bfloat16, float64
    }

    public struct Numerics: Codable, Equatable, Sendable {
        /// `automatic` is settled at the start of a run, which keeps what was chosen wherever it is resumed.
        public var convolutions = ConvolutionType.automatic
        /// Parts that a batch is split into, one core each; 0 means one a processor, at most half the
        /// batch, and is settled at the start. The numbers of a run depend on it, so a run keeps it wherever
        /// it is resumed.
        public var workers = 0
        /// Steps between checkpoints within an epoch.
        public var checkpointSteps = 500
        /// Images whose volumes and activations a worker holds at once; 0: those of its whole part of the
        /// batch. Fewer take less memory; the encoder's activations are then computed a second time for the
        /// gradient.
        /// Where images share volumes it counts volumes.
        public var imagesAtOnce = 0
        public init() {}
    }

    public struct Stage: Codable, Equatable, Sendable {
        /// Side R that the images are Fourier-cropped to; 0 is the full box.
        public var box = 0
        /// Side T of the decoder's volume; 0 is the crop box, rounded up to what the decoder can make.
        public var volume = 0
        /// Passes over the training images; 0 derives them from `images`.
        public var epochs = 0
        /// Training images to see where `epochs` is 0: the nearest number of whole epochs, at least two.
        public var images = 40000
        /// Most epochs that `images` may lead to: a small set seen too often is learned by heart.
        public var mostEpochs = 10
        public var learningRate = 3e-3
        /// Whether the encoder learns too; otherwise the codes stay and the decoder alone is refined.
        public var trainsEncoder = true
        /// Whether codes are found anew before and after it (`inference.rounds`).
        public var settles = false
        public init() {}
    }
}
