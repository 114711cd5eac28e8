import Torch

extension Reconstruction {
    /// Reconstructs from prepared images of a particle set.
    ///
    /// - Parameters:
    ///   - rows: which particles; nil takes all.
    ///   - weights: of those rows; nil weighs all the same.
    ///   - halves: half sets of all rows of the set; nil takes `particles.halfSets()`.
    ///   - progress: called with images done and images in all.
    public init(
        _ particles: ParticleSet, _ prepared: PreparedParticles, rows: [Int]? = nil, weights: [Float]? = nil,
        halves: [Int]? = nil, settings: Settings = Settings(), mask: SolventMask? = nil,
        progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
    ) throws {
        let rows = rows ?? Array(0..<particles.count), halves = halves ?? particles.halfSets()
        let grid = CTFGrid(box: prepared.box, pixelSize: prepared.pixelSize)
        var done = 0
        try self.init(box: prepared.box, pixelSize: prepared.pixelSize, settings: settings, mask: mask) {
            guard done < rows.count else { return nil }
            let range = done..<min(rows.count, done + settings.batch)
            let part = Array(rows[range])
            done = range.upperBound
            progress(done, rows.count)
            return ReconstructionBatch(
                images: try prepared.images(part), ctf: grid.evaluate(part.map { particles.ctf[$0] }),
                rotations: part.map { Rotation(particles.angles[$0]) }, halves: part.map { halves[$0] },
                weights: weights.map { Array($0[range]) })
        }
    }
}
