import CryoIO
import Foundation
import Torch

/// Reads every particle image once, block by block, and writes the prepared ones. Cores take blocks of their
/// own.
struct PreparationPass: Sendable {
    private let particles: ParticleSet
    private let preparation: Preparation
    /// Of each grid of the particle set.
    private let statistics: [ImageStatistics]
    /// Of each grid but the first, which needs none.
    private let resamples: [FourierResample]
    private let crop: FourierCrop
    private let normalise: Bool
    private let backgroundMean: Double
    private let backgroundDeviation: Double
    private var warnings: [String] = []

    /// Looks at up to 512 images spread over the set to decide on normalisation.
    init(_ particles: ParticleSet, _ preparation: Preparation) throws {
        self.particles = particles
        self.preparation = preparation
        let statistics = particles.grids.map { grid in
            let given = preparation.particleDiameter.map { $0 / grid.pixelSize }
            return ImageStatistics(box: grid.box, radius: 0.5 * (given ?? 0.75 * Double(grid.box)))
        }
        self.statistics = statistics
        guard statistics.allSatisfy(\.hasBackground) else {
            throw DataError(
                file: particles.file, "the particle diameter leaves no background around the particle",
                found: "\(preparation.particleDiameter ?? 0) A",
                wanted: "above 0 and below \(particles.grids.map(\.extent).min() ?? 0) A",
                remedy: "Correct the particle diameter")
        }
        crop = FourierCrop(from: particles.box, to: preparation.box, amplitude: .noise)

        let sampled = min(particles.count, 512)
        let rows = (0..<sampled).map { $0 * particles.count / sampled }
        var values: [ImageStatistics.Values] = []
        for start in stride(from: 0, to: sampled, by: Self.blockLength(particles)) {
            let part = Array(rows[start..<min(sampled, start + Self.blockLength(particles))])
            for (grid, places) in Self.byGrid(part, particles) {
                let some = places.map { part[$0] }
                values += try Self.checked(
                    some, particles, statistics[grid], try Self.read(some, particles)
                ).1
            }
        }
        backgroundMean = Self.median(values.map(\.mean))
        backgroundDeviation = Self.median(values.map(\.deviation))
        let spread = Self.median(values.map(\.spread))
        // Particles scatter so weakly that noise is nearly all of an image's spread; simulated images without
        // noise have only the CTF's ringing in the background, which is no measure for their scale.
        let isNoiseFree = backgroundDeviation < 0.5 * spread
        let isNormal = abs(backgroundMean) < 0.1 && abs(backgroundDeviation - 1) < 0.1
        switch preparation.normalization {
        case .always: normalise = true
        case .never: normalise = false
        case .automatic: normalise = !isNormal && !isNoiseFree
        }
        // Counts and contrasts are kept where images are not brought to unit noise.
        let amplitude: FourierCrop.Amplitude = normalise || isNormal ? .noise : .mean
        resamples = particles.grids.dropFirst().map {
            FourierResample(from: $0, to: particles.grids[0], amplitude: amplitude)
        }
        if isNoiseFree {
            warnings.append(
                "the images have hardly any noise outside the particle: they are not brought to unit noise")
        } else if !normalise && !isNormal {
            warnings.append(
                "the background has mean \(rounded(backgroundMean)) and deviation "
                    + "\(rounded(backgroundDeviation)), not 0 and 1, and is left so")
        }
    }

    /// Writes all images to `path` and says what it found.
    func run(
        _ inputs: PreparedParticles.Inputs, _ path: String, pixelSize: Double, _ progress: (Int, Int) -> Void
    ) throws -> PreparedParticles.Record {
        let writer = try MRCStackWriter(
            path: path, width: preparation.box, height: preparation.box, pixelSize: pixelSize)
        let count = particles.count
        let block = Self.blockLength(particles)
        let pixels = preparation.box * preparation.box
        var sum = 0.0
        var sumOfSquares = 0.0
        let workers = WorkerPool(count: try Runtime.threads())
        for start in stride(from: 0, to: count, by: block * workers.count) {
            let ranges = (0..<workers.count).map { worker in
                min(count, start + worker * block)..<min(count, start + (worker + 1) * block)
            }
            for (prepared, values) in try workers.map({ try prepare(Array(ranges[$0])) }) {
                try prepared.withUnsafeBufferPointer { buffer in
                    for k in values.indices {
                        try writer.append(
                            UnsafeBufferPointer(rebasing: buffer[k * pixels..<(k + 1) * pixels]))
                    }
                }
                for value in values {
                    let contrast =
                        value.contrast / (value.deviation > 0 ? value.deviation : max(value.spread, 1e-30))
                    sum += contrast
                    sumOfSquares += contrast * contrast
                }
            }
            progress(ranges.last?.upperBound ?? count, count)
        }
        let sign = preparation.invert ? -1.0 : 1.0
        let mean = sum / Double(count)
        let variance = max(0, sumOfSquares / Double(count) - mean * mean)
        var notes = warnings
        if sign * mean < -3 * (variance / Double(count)).squareRoot(), sign * mean < 0 {
            notes.append(
                "particles are darker than their background (by \(rounded(-sign * mean)) deviations): "
                    + "contrast is probably inverted; bright particles are wanted"
                    + (preparation.invert ? "" : ", use --invert"))
        }
        try writer.finish()
        return PreparedParticles.Record(
            inputs: inputs, normalised: normalise, backgroundMean: backgroundMean,
            backgroundDeviation: backgroundDeviation, contrast: sign * mean, warnings: notes)
    }

    /// Prepared pixels of the rows and statistics of their images as stored.
    private func prepare(_ rows: [Int]) throws -> ([Float], [ImageStatistics.Values]) {
        if rows.isEmpty { return ([], []) }
        let parts = Self.byGrid(rows, particles)
        let pixels = preparation.box * preparation.box
        if parts.count == 1 {
            let (images, values) = try prepare(rows, grid: parts[0].grid)
            return (try images.floats(), values)
        }
        var result = [Float](repeating: 0, count: rows.count * pixels)
        var found: [ImageStatistics.Values] = []
        for (grid, places) in parts {
            let (images, values) = try prepare(places.map { rows[$0] }, grid: grid)
            let part = try images.floats()
            for (k, place) in places.enumerated() {
                result.replaceSubrange(
                    place * pixels..<(place + 1) * pixels, with: part[k * pixels..<(k + 1) * pixels])
            }
            found += values
        }
        return (result, found)
    }

    /// Prepared images of rows of one grid, [rows, box, box].
    private func prepare(_ rows: [Int], grid: Int) throws -> (Tensor, [ImageStatistics.Values]) {
        let (images, values) = try Self.checked(
            rows, particles, statistics[grid], try Self.read(rows, particles))
        let scaled = try normalised(images, values, rows)
        let origins = rows.map { particles.origins[$0] }
        if grid == 0 { return (crop(scaled, shifts: origins.map { $0 / particles.pixelSize }), values) }
        // What is filled in around a smaller image is background.
        let sign = preparation.invert ? Float(-1) : 1
        let means = Tensor(
            values.map { normalise || resamples[grid - 1].keepsNoise ? 0 : sign * Float($0.mean) },
            shape: [rows.count, 1, 1])
        return (crop(resamples[grid - 1](scaled - means, shifts: origins) + means), values)
    }

    /// Places of the rows of each grid among those given.
    private static func byGrid(
        _ rows: [Int], _ particles: ParticleSet
    ) -> [(grid: Int, places: [Int])] {
        guard let grids = particles.gridOfRow else { return [(0, Array(rows.indices))] }
        let places = Dictionary(grouping: rows.indices) { grids[rows[$0]] }
        return places.keys.sorted().map { ($0, places[$0] ?? []) }
    }

    private func normalised(
        _ images: Tensor, _ values: [ImageStatistics.Values], _ rows: [Int]
    ) throws(DataError) -> Tensor {
        let sign = preparation.invert ? -1.0 : 1.0
        guard normalise else { return preparation.invert ? -images : images }
        for (row, value) in zip(rows, values) where value.deviation < 1e-6 * value.spread {
            throw fault(
                row, "the image's background is constant, so it cannot be normalised", found: "\(value.mean)")
        }
        let shape = [rows.count, 1, 1]
        let mean = Tensor(values.map { Float($0.mean) }, shape: shape)
        let factor = Tensor(values.map { Float(sign / $0.deviation) }, shape: shape)
        return (images - mean) * factor
    }

    private func fault(_ row: Int, _ problem: String, found: String) -> DataError {
        Self.fault(particles, row, problem, found: found)
    }

    private static func fault(
        _ particles: ParticleSet, _ row: Int, _ problem: String, found: String
    ) -> DataError {
        let image = particles.images[row]
        let stack = particles.stacks[Int(image.stack)]
        return DataError(
            file: particles.file, at: .row(row + 1), problem,
            found: found + " in image \(image.index + 1) of \(stack.path)",
            wanted: "finite pixels that differ", remedy: "Remove the row, or extract the particle again")
    }

    /// Images of one grid as stored, [rows, box, box].
    private static func read(_ rows: [Int], _ particles: ParticleSet) throws(DataError) -> Tensor {
        let box = rows.first.map { particles.grid($0).box } ?? 0
        let pixels = box * box
        var values = [Float](repeating: 0, count: rows.count * pixels)
        try values.withUnsafeMutableBufferPointer { buffer throws(DataError) in
            for (place, row) in rows.enumerated() {
                try particles.readImage(
                    row,
                    into: UnsafeMutableBufferPointer(rebasing: buffer[place * pixels..<(place + 1) * pixels]))
            }
        }
        return Tensor(values, shape: [rows.count, box, box])
    }

    /// The images with their statistics, once every pixel is known to be a number and no image constant.
    private static func checked(
        _ rows: [Int], _ particles: ParticleSet, _ statistics: ImageStatistics, _ images: Tensor
    ) throws -> (Tensor, [ImageStatistics.Values]) {
        let values = try statistics(images)
        for (row, value) in zip(rows, values) {
            if !value.isFinite {
                throw fault(
                    particles, row, "the image has pixels that are no numbers", found: "NaN or infinity")
            }
            if value.spread <= 1e-6 * abs(value.mean) {
                throw fault(
                    particles, row, "the image is constant", found: "\(rounded(value.mean)) everywhere")
            }
        }
        return (images, values)
    }

    /// Images of one block: about 4 MB of pixels, so that what is made of them stays in the processor's
    /// cache.
    private static func blockLength(_ particles: ParticleSet) -> Int {
        let box = particles.grids.map(\.box).max() ?? 1
        return max(1, (1 << 20) / (box * box))
    }

    private static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }
}

/// Three significant digits, for messages.
func rounded(_ value: Double) -> String { String(format: "%.3g", value) }
