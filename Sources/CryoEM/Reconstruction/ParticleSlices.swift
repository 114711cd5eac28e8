import Torch

/// Prepared images of a particle set as central slices, batch by batch.
struct ParticleSlices {
    let particles: ParticleSet
    let prepared: PreparedParticles
    /// Half sets of all rows of the set, 1 or 2.
    let halves: [Int]
    let workers: WorkerPool?
    /// Images a batch and worker.
    let batch: Int

    /// Gives the slices of some rows until it gives nil.
    ///
    /// - Parameters:
    ///   - weights: of those rows; nil weighs all the same.
    ///   - progress: called with images done and images in all.
    func reader(
        _ rows: [Int], weights: [Float]? = nil,
        progress: @escaping (_ done: Int, _ all: Int) -> Void = { _, _ in }
    ) -> () throws -> [SliceBatch]? {
        let grid = CTFGrid(box: prepared.box, pixelSize: prepared.pixelSize)
        let transferFunctions = particles.ctf
        let (angles, changes) = (particles.angles, particles.changes)
        let pixelSize = prepared.pixelSize
        let still = FourierCrop(from: prepared.box, to: prepared.box, amplitude: .mean)
        // A chunk of the rows, made on one thread.
        @Sendable func slices(_ range: Range<Int>) throws -> SliceBatch {
            let part = Array(rows[range])
            var images = try prepared.images(part)
            var ctf = grid.evaluate(part.map { transferFunctions[$0] })
            if let changes {
                images = still(images, shifts: changes.centring(part, pixelSize: pixelSize))
                let contrasts = part.map { Float(changes.contrasts[$0]) }
                ctf = ctf * Tensor(contrasts, shape: [part.count, 1, 1])
            }
            let slices = try Slices(images, ctf: ctf, rotations: part.map { Rotation(angles[$0]) })
            return SliceBatch(
                slices: slices, halves: part.map { halves[$0] },
                weights: weights.map { Array($0[range]) } ?? Array(repeating: 1, count: part.count))
        }
        var done = 0
        return {
            guard done < rows.count else { return nil }
            let start = done
            done = min(rows.count, start + batch * (workers?.count ?? 1))
            let ranges = Self.ranges(start..<done, parts: workers?.count ?? 1)
            progress(done, rows.count)
            guard let workers else { return [try slices(start..<done)] }
            return try workers.map { ranges[$0].isEmpty ? nil : try slices(ranges[$0]) }.compactMap { $0 }
        }
    }

    /// The range cut into parts of nearly the same length, which may be empty.
    private static func ranges(_ range: Range<Int>, parts: Int) -> [Range<Int>] {
        (0..<parts).map { k in
            range.lowerBound + range.count * k / parts..<range.lowerBound + range.count * (k + 1) / parts
        }
    }
}
