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
        let rows = rows ?? Array(0..<particles.count), halves = halves ?? particles.halfSets()
        let grid = CTFGrid(box: prepared.box, pixelSize: prepared.pixelSize)
        let transferFunctions = particles.ctf, angles = particles.angles
        // A chunk of the rows, made on one thread.
        @Sendable func batch(_ range: Range<Int>) throws -> SliceBatch {
            let part = Array(rows[range])
            let slices = try Slices(
                try prepared.images(part), ctf: grid.evaluate(part.map { transferFunctions[$0] }),
                rotations: part.map { Rotation(angles[$0]) })
            return SliceBatch(
                slices: slices, halves: part.map { halves[$0] },
                weights: weights.map { Array($0[range]) } ?? Array(repeating: 1, count: part.count))
        }
        var done = 0
        let slices = { () throws -> [SliceBatch]? in
            guard done < rows.count else { return nil }
            let start = done
            done = min(rows.count, start + settings.batch * (workers?.count ?? 1))
            let ranges = Self.ranges(start..<done, parts: workers?.count ?? 1)
            progress(done, rows.count)
            guard let workers else { return [try batch(start..<done)] }
            return try workers.map { ranges[$0].isEmpty ? nil : try batch(ranges[$0]) }.compactMap { $0 }
        }
        try self.init(
            box: prepared.box, pixelSize: prepared.pixelSize, settings: settings, mask: mask,
            workers: workers, slices: slices)
    }

    /// The range cut into parts of nearly the same length, which may be empty.
    private static func ranges(_ range: Range<Int>, parts: Int) -> [Range<Int>] {
        (0..<parts).map { k in
            range.lowerBound + range.count * k / parts..<range.lowerBound + range.count * (k + 1) / parts
        }
    }
}
