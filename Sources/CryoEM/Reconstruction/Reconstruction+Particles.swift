import Torch

extension Reconstruction {
    /// Reconstructs from prepared images of a particle set.
    ///
    /// - Parameters:
    ///   - rows: which particles; nil takes all.
    ///   - weights: of those rows; nil weighs all the same.
    ///   - halves: half sets of all rows of the set; nil takes `particles.halfSets()`.
    ///   - workers: share the work; nil works on the caller's thread.
    ///   - progress: called with images done and images in all.
    public init(
        _ particles: ParticleSet, _ prepared: PreparedParticles, rows: [Int]? = nil, weights: [Float]? = nil,
        halves: [Int]? = nil, settings: Settings = Settings(), mask: SolventMask? = nil,
        workers: WorkerPool? = nil, progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
    ) throws {
        let slices = ParticleSlices(
            particles: particles, prepared: prepared, halves: halves ?? particles.halfSets(),
            workers: workers, batch: settings.batch)
        self = try withoutActuallyEscaping(progress) { progress in
            try Reconstruction(
                box: prepared.box, pixelSize: prepared.pixelSize, settings: settings, mask: mask,
                workers: workers,
                slices: slices.reader(
                    rows ?? Array(0..<particles.count), weights: weights, progress: progress))
        }
    }
}
