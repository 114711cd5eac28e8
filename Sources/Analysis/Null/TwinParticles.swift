import CryoEM
import CryoIO
import Foundation
import OpusDSD

/// A homogeneous twin of a run's data as files, so that it can be trained on as the run was.
struct TwinParticles {
    let run: Run
    let seed: UInt64

    private static let block = 64

    /// Writes `particles.mrcs` and `particles.star`; the twin's particles stand at the centre, so origins are
    /// 0.
    func write(to folder: String, progress: RunData.Progress) throws -> String {
        let (table, stack) = ("\(folder)/particles.star", "\(folder)/particles.mrcs")
        let particles = run.data.particles
        try OutputFolder.create(folder)
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
            for place in rows.indices {
                try writer.append(Array(values[place * pixels..<(place + 1) * pixels]))
            }
            progress("writing the twin", rows.count + start, count)
        }
        try writer.finish()
        try star(particles).write(to: table)
        return table
    }

    /// Poses, CTFs, micrographs and half sets of the run's particles, whatever file they came from.
    private func star(_ particles: ParticleSet) throws(DataError) -> STARFile {
        let count = particles.count
        var block = STARBlock(name: "particles")
        try block.setColumn(
            "rlnImageName", (1...count).map { String(format: "%06d@particles.mrcs", $0) })
        if let micrographs = particles.micrographs {
            try block.setColumn("rlnMicrographName", micrographs.map { particles.micrographNames[$0] })
        }
        try block.setColumn("rlnRandomSubset", particles.halfSets())
        let zeros = [Double](repeating: 0, count: count)
        let numbers: [(String, [Double])] = [
            ("rlnAngleRot", particles.angles.map(\.rot)), ("rlnAngleTilt", particles.angles.map(\.tilt)),
            ("rlnAnglePsi", particles.angles.map(\.psi)), ("rlnOriginXAngst", zeros),
            ("rlnOriginYAngst", zeros),
            ("rlnImagePixelSize", zeros.map { $0 + particles.pixelSize }),
            ("rlnDefocusU", particles.ctf.map(\.defocusU)), ("rlnDefocusV", particles.ctf.map(\.defocusV)),
            ("rlnDefocusAngle", particles.ctf.map(\.defocusAngle)),
            ("rlnPhaseShift", particles.ctf.map(\.phaseShift)), ("rlnVoltage", particles.ctf.map(\.voltage)),
            ("rlnSphericalAberration", particles.ctf.map(\.sphericalAberration)),
            ("rlnAmplitudeContrast", particles.ctf.map(\.amplitudeContrast)),
        ]
        for (label, values) in numbers { try block.setColumn(label, values) }
        return STARFile(blocks: [block])
    }
}
