import CryoIO
import Foundation
import Torch

/// Particle images ready for use: normalised, cropped in Fourier space to a smaller box and moved so that
/// each particle's origin lies at the box centre.
///
/// The images are made once, in blocks, and lie in a memory-mapped stack that later runs with the same inputs
/// open again.
public final class PreparedParticles: Sendable {
    /// How the images were made.
    public let preparation: Preparation
    /// Side of the images.
    public var box: Int { preparation.box }
    /// Angstrom per pixel of the images.
    public let pixelSize: Double
    /// Number of images, in the order of the particle set's rows.
    public var count: Int { stack.count }
    /// What was found while the images were made.
    public let record: Record
    /// Path of the kept stack.
    public var path: String { stack.path }
    /// Whether the images were already there.
    public let wasKept: Bool

    private let stack: MRCStack

    public struct Record: Sendable, Equatable, Codable {
        /// All that the images depend on; a kept stack is used only if this is the same.
        public var inputs: Inputs
        /// Whether images were brought to background mean 0 and deviation 1 one by one.
        public var normalised: Bool
        /// Median over images of mean and deviation of the background as stored.
        public var backgroundMean: Double
        public var backgroundDeviation: Double
        /// Mean over images of (mean inside the particle's circle - mean outside) / background deviation,
        /// after inversion if any; positive for bright particles.
        public var contrast: Double
        public var warnings: [String]
    }

    public struct Inputs: Sendable, Equatable, Codable {
        public var version: Int
        public var preparation: Preparation
        public var sourceBox: Int
        public var sourcePixelSize: Double
        /// Of paths, sizes and times of the stacks, and of image numbers and origins of the rows.
        public var fingerprint: String
    }

    /// Density of a volume that projects to these images, over that of a map whose voxel sums along z are the
    /// images as stored (and normalised), resized with `FourierResize`: cropping keeps the noise at 1 and so
    /// amplifies the signal.
    public var contrastGain: Double {
        Double(record.inputs.sourceBox) / Double(box)
    }

    /// Opens the kept images of `particles`, or makes them.
    /// - Parameters:
    ///   - folder: where images are kept; made if missing.
    ///   - progress: called with images done and images in all.
    /// - Throws: `DataError` with the row of an image that holds NaN or is constant; `TorchError` from
    ///   libtorch.
    public init(
        _ particles: ParticleSet, _ preparation: Preparation, folder: String,
        progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
    ) throws {
        let inputs = try Inputs(particles, preparation)
        let kept = KeptImages(folder: folder, inputs: inputs)
        self.preparation = preparation
        let size = particles.pixelSize * Double(particles.box) / Double(preparation.box)
        pixelSize = size
        if let (stack, record) = kept.open(count: particles.count) {
            (self.stack, self.record, wasKept) = (stack, record, true)
            return
        }
        let pass = try PreparationPass(particles, preparation)
        let record = try kept.make { writer in try pass.run(inputs, writer, pixelSize: size, progress) }
        self.record = record
        stack = try MRCStack(path: kept.stackPath)
        wasKept = false
    }

    /// The images of the given rows as one tensor [batch, box, box] float32 on the CPU.
    /// - Throws: `DataError` for a row that does not exist.
    public func images(_ rows: [Int]) throws -> Tensor {
        let pixels = box * box
        var failure: DataError?
        let values = [Float](unsafeUninitializedCapacity: rows.count * pixels) { buffer, initialized in
            for (place, row) in rows.enumerated() {
                let part = UnsafeMutableBufferPointer(rebasing: buffer[place * pixels..<(place + 1) * pixels])
                do throws(DataError) {
                    try stack.read(row, into: part)
                } catch {
                    failure = error
                    part.initialize(repeating: 0)
                }
            }
            initialized = rows.count * pixels
        }
        if let failure { throw failure }
        return Tensor(values, shape: [rows.count, box, box])
    }
}

extension PreparedParticles.Inputs {
    init(_ particles: ParticleSet, _ preparation: Preparation) throws(DataError) {
        guard preparation.box > 0, preparation.box % 2 == 0, preparation.box <= particles.box else {
            throw DataError(
                file: particles.file, "images cannot be brought to this box", found: "\(preparation.box)",
                wanted: "an even number up to \(particles.box)", remedy: "Choose another box")
        }
        var print = Fingerprint()
        for opened in particles.stacks {
            print.add(opened.path.utf8)
            let facts = try? FileManager.default.attributesOfItem(atPath: opened.path)
            print.add((facts?[.size] as? NSNumber)?.int64Value ?? 0)
            print.add((facts?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0)
        }
        for (image, origin) in zip(particles.images, particles.origins) {
            print.add(image.stack)
            print.add(image.index)
            print.add(origin.x)
            print.add(origin.y)
        }
        if let grids = particles.gridOfRow {
            for grid in particles.grids {
                print.add(grid.box)
                print.add(grid.pixelSize)
            }
            for grid in grids { print.add(grid) }
        }
        if let signs = particles.signs { for sign in signs { print.add(sign < 0 ? 1 : 0) } }
        self.init(
            version: 1, preparation: preparation, sourceBox: particles.box,
            sourcePixelSize: particles.pixelSize,
            fingerprint: print.text)
    }
}
