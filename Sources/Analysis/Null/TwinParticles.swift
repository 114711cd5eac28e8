import CryoEM
import CryoIO
import Foundation
import OpusDSD

/// A homogeneous twin of a run's data as files, so that it can be trained on as the run was.
struct TwinParticles {
    let run: Run
    let seed: UInt64

    private static let block = 64

    /// Writes `particles.mrcs` and `particles.star`; the table has the run's columns, other image names, and origins
    /// of zero, as the twin's particles stand at the centre.
    func write(to folder: String, progress: RunData.Progress) throws -> String {
        let (table, stack) = ("\(folder)/particles.star", "\(folder)/particles.mrcs")
        let particles = run.data.particles
        try AnalysisFolder.create(folder)
        let count = particles.count
        var full = Configuration.Stage()
        full.box = 0
        let twin = try HomogeneousTwin(
            of: try run.data.stage(full, progress: progress), rows: Array(0..<count), seed: seed)
        let writer = try MRCStackWriter(
            path: stack, width: particles.box, height: particles.box, pixelSize: particles.pixelSize)
        let pixels = particles.box * particles.box
        for start in stride(from: 0, to: count, by: Self.block) {
            let rows = Array(start..<min(count, start + Self.block))
            let values = try twin.images(rows, replica: 0).floats()
            for place in rows.indices { try writer.append(Array(values[place * pixels..<(place + 1) * pixels])) }
            progress("writing the twin", rows.count + start, count)
        }
        try writer.finish()
        try star(particles).write(to: table)
        return table
    }

    private func star(_ particles: ParticleSet) throws(DataError) -> STARFile {
        var star = particles.star
        guard var block = star[block: particles.blockName] else { return star }
        let names = (1...particles.count).map { String(format: "%06d@particles.mrcs", $0) }
        try block.setColumn("rlnImageName", names)
        for name in ["rlnOriginX", "rlnOriginY", "rlnOriginXAngst", "rlnOriginYAngst"] where block[name] != nil {
            try block.setColumn(name, [Double](repeating: 0, count: particles.count))
        }
        star[block: particles.blockName] = block
        return star
    }
}
