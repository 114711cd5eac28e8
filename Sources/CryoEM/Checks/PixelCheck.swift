import CryoIO
import Foundation

/// What the pixels of a set say in all.
public struct PixelFacts: Sendable, Encodable, Equatable {
    /// Images looked at.
    public var images = 0
    /// Medians over images, outside the particle.
    public var backgroundMean = 0.0
    public var backgroundDeviation = 0.0
    /// Mean over images of (inside less outside) / deviation outside, and its standard error.
    public var contrast = 0.0
    public var contrastError = 0.0
}

/// The pixels of particle images: no numbers, constant, unlike the others, and whether particles are bright.
struct PixelCheck {
    let rows: CheckedRows
    let stacks: [MRCStack?]
    let silhouette: Silhouette?
    private(set) var facts = PixelFacts()

    /// Images a chunk; a chunk is read by one thread.
    private static let chunk = 64

    /// - Parameters:
    ///   - readable: rows whose image is there.
    ///   - sample: largest number of images to look at, spread evenly; nil looks at all.
    ///   - progress: called with images done and images in all.
    init(
        _ stacks: StackCheck, silhouette: Silhouette?, sample: Int?, _ faults: inout FaultList,
        progress: (_ done: Int, _ all: Int) -> Void
    ) {
        rows = stacks.rows
        self.stacks = stacks.stacks
        self.silhouette = silhouette
        let wanted = Self.chosen(stacks, sample: sample)
        var found: [(row: Int, values: PixelStatistics)] = []
        found.reserveCapacity(wanted.count)
        let perRound = 16 * Self.chunk
        for start in stride(from: 0, to: wanted.count, by: perRound) {
            let part = Array(wanted[start..<min(wanted.count, start + perRound)])
            prefetch(wanted[part.count + start..<min(wanted.count, part.count + start + perRound)])
            found += look(at: part, &faults)
            progress(min(wanted.count, start + perRound), wanted.count)
        }
        judge(found, &faults)
    }

    /// Rows in the order of the disk, each image once.
    private static func chosen(_ stacks: StackCheck, sample: Int?) -> [Int] {
        let references = stacks.rows.names.references
        var rows = stacks.readable
        if let sample, sample < rows.count { rows = (0..<sample).map { rows[$0 * rows.count / sample] } }
        rows.sort {
            let (a, b) = (references[$0], references[$1])
            return (a.stack, a.index, $0) < (b.stack, b.index, $1)
        }
        var last: ImageReference?
        return rows.filter { row in
            defer { last = references[row] }
            return references[row] != last
        }
    }

    /// Has the disk read what the next round looks at while this one is looked at.
    private func prefetch(_ rows: ArraySlice<Int>) {
        let references = rows.map { self.rows.names.references[$0] }
        var from = 0
        for index in references.indices
        where index + 1 == references.count || references[index + 1].stack != references[from].stack {
            let run = Int(references[from].index)..<Int(references[index].index) + 1
            stacks[Int(references[from].stack)]?.prefetch(run)
            from = index + 1
        }
    }

    private func look(
        at part: [Int], _ faults: inout FaultList
    ) -> [(row: Int, values: PixelStatistics)] {
        let chunks = stride(from: 0, to: part.count, by: Self.chunk).map {
            Array(part[$0..<min(part.count, $0 + Self.chunk)])
        }
        var found: [(row: Int, values: PixelStatistics)] = []
        for result in Concurrent.map(chunks.count, { statistics(of: chunks[$0]) }).flatMap({ $0 }) {
            switch result.outcome {
            case .success(let values): found.append((result.row, values))
            case .failure(let error): faults.add(.error, .pixels, subject: "reading", error)
            }
        }
        return found
    }

    private struct Look: Sendable {
        let row: Int
        let outcome: Result<PixelStatistics, DataError>
    }

    private func statistics(of chunk: [Int]) -> [Look] {
        var pixels: [Float] = []
        return chunk.compactMap { row in
            let reference = rows.names.references[row]
            guard let stack = stacks[Int(reference.stack)] else { return nil }
            let box = stack.width
            if pixels.count != box * box { pixels = [Float](repeating: 0, count: box * box) }
            do throws(DataError) {
                try pixels.withUnsafeMutableBufferPointer { buffer throws(DataError) in
                    try stack.read(Int(reference.index), into: buffer)
                }
            } catch { return Look(row: row, outcome: .failure(error)) }
            if let signs = rows.signs, signs[row] < 0 { pixels = pixels.map { -$0 } }
            let inside = particle(row, box: box)
            let values = pixels.withUnsafeBufferPointer { PixelStatistics($0, box: box, inside: inside) }
            return Look(row: row, outcome: .success(values))
        }
    }

    /// The columns of each row of an image that the particle covers.
    private func particle(_ row: Int, box: Int) -> (Int) -> [Range<Int>] {
        // The origin moves the particle to the centre, so the particle lies at its opposite.
        let origin = rows.origins[row]
        let size = rows.pixelSizes[row]
        let centre = origin.x.isFinite && origin.y.isFinite ? -origin : .zero
        if let silhouette, size > 0 {
            return silhouette.columns(rows.angles[row], centre: centre, box: box, pixelSize: size)
        }
        let shift = size > 0 ? centre / size : .zero
        let middle = Double(box / 2)
        let radius = 0.375 * Double(box)
        return { row in
            let dy = Double(row) - middle - shift.y
            guard abs(dy) < radius else { return [] }
            let half = (radius * radius - dy * dy).squareRoot()
            let x = middle + shift.x
            // Strictly inside the circle.
            let first = max(0, Int((x - half).rounded(.down)) + 1)
            let end = min(box, Int((x + half).rounded(.up)))
            return first < end ? [first..<end] : []
        }
    }

    private mutating func judge(
        _ found: [(row: Int, values: PixelStatistics)], _ faults: inout FaultList
    ) {
        facts.images = found.count
        var usable: [(row: Int, values: PixelStatistics)] = []
        for (row, values) in found {
            if values.notFinite > 0 {
                add(row, "the image has pixels that are no numbers", "\(values.notFinite) pixels", &faults)
            } else if values.isConstant {
                add(row, "the image is constant", "\(rounded(values.mean)) everywhere", &faults)
            } else {
                usable.append((row, values))
            }
        }
        guard !usable.isEmpty else { return }
        judgeOutliers(usable, &faults)
        facts.backgroundMean = Self.median(usable.map(\.values.mean))
        facts.backgroundDeviation = Self.median(usable.map(\.values.deviation))
        let contrasts = usable.map { $0.values.contrast / $0.values.scale }
        let count = Double(contrasts.count)
        let mean = contrasts.reduce(0, +) / count
        let variance = contrasts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        facts.contrast = mean
        facts.contrastError = (variance / count).squareRoot()
        if mean < -3 * facts.contrastError {
            faults.add(
                .warning, .contrast,
                DataError(
                    file: rows.file, "particles are darker than their background",
                    found: "by \(rounded(-mean)) deviations, error \(rounded(facts.contrastError))",
                    wanted: "bright particles", remedy: "Give --invert to dsd reconstruct and dsd train"))
        }
    }

    /// Images far from the others, in robust deviations: strange means, scales and single pixels.
    private func judgeOutliers(
        _ usable: [(row: Int, values: PixelStatistics)], _ faults: inout FaultList
    ) {
        let scale = Self.median(usable.map(\.values.scale))
        let measures: [(name: String, value: (PixelStatistics) -> Double)] = [
            ("background mean", { $0.mean / scale }),
            ("scale", { log(max($0.spread, 1e-30)) }),
            ("brightest or darkest pixel", { log(max($0.extreme, 1e-30)) }),
        ]
        for (name, value) in measures {
            let all = usable.map { value($0.values) }
            let middle = Self.median(all)
            let width = max(1.4826 * Self.median(all.map { abs($0 - middle) }), 0.02)
            for (entry, value) in zip(usable, all) where abs(value - middle) > 12 * width {
                faults.add(
                    .warning, .outlier, subject: name,
                    DataError(
                        file: rows.file, at: .row(entry.row + 1),
                        "the image is unlike the others in its \(name)",
                        found: "\(rounded(abs(value - middle) / width)) deviations from the median"
                            + place(entry.row),
                        wanted: "at most 12", remedy: "Look at the image and remove the row if it is bad"))
            }
        }
    }

    private func add(_ row: Int, _ problem: String, _ found: String, _ faults: inout FaultList) {
        faults.add(
            .error, .pixels, subject: problem,
            DataError(
                file: rows.file, at: .row(row + 1), problem, found: found + place(row),
                wanted: "finite pixels that differ",
                remedy: "Remove the row, or extract the particle again"))
    }

    private func place(_ row: Int) -> String {
        let reference = rows.names.references[row]
        return " in image \(reference.index + 1) of \(stacks[Int(reference.stack)]?.path ?? "")"
    }

    private static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }
}
