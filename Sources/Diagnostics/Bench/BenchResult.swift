/// What `dsd bench` measured.
public struct BenchResult: Codable, Sendable {
    public let date: String
    public let machine: Machine
    public let preset: String
    public let convolutions: String
    public let sizes: Sizes
    /// One for each number of workers.
    public let runs: [Measured]
    /// Of the run with the most workers: seconds of the whole step over those of its bare layers.
    public let stepOverFloor: Double
    public let imagesPerSecond: Double
    /// Images a second with the most workers over those with one.
    public let speedUp: Double?
    /// Most bytes of tensors on a CUDA device, of the process on a CPU, over the step; and above those before
    /// it, for each image.
    public let peakBytes: Int, peakBytesPerImage: Int
    /// The step with images read from a file beside that with images in memory; results from before have
    /// none.
    public let fromFile: FromFile?

    public struct FromFile: Codable, Sendable {
        public let memory: Timing, file: Timing
        /// Images a second from the file over those from memory.
        public let speed: Double
    }

    public struct Sizes: Codable, Sendable {
        public let box: Int, cropBox: Int, volumeSide: Int, encoderSide: Int
        public let voxels: Int
        public let batch: Int, latentSize: Int, parameters: Int
    }

    public struct Measured: Codable, Sendable {
        public let workers: Int
        /// Whole step, from the images to the changed parameters.
        public let step: Timing
        /// Sum of the bare layers, forward and backward.
        public let floor: Timing
        public let stepOverFloor: Double
        /// The same layers by libtorch's own operators, each in the quicker of the number types; on a CPU, of
        /// the run with the most workers.
        public let libtorchFloor: Timing?
        public let imagesPerSecond: Double
        /// Trillion floating-point operations a second of the bare layers.
        public let floorTeraflops: Double
        public let layers: [Layer]
        public let lines: [Line]
    }

    public struct Layer: Codable, Sendable {
        public let name: String
        public let seconds: Double
        /// By libtorch's own operator.
        public let libtorchSeconds: Double?
        public let teraflops: Double
    }

    /// One part of a step beside the bare layers, measured alone.
    public struct Line: Codable, Sendable {
        public let name: String
        public let seconds: Double
        /// Of the whole step.
        public let share: Double
        /// Read and written at least; nil where it is not memory that counts.
        public let bytes: Int?
    }
}
