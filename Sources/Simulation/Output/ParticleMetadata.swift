import CryoEM
import CryoIO

/// The metadata of simulated particles: the STAR file a program is given, and the truth it is scored against.
struct ParticleMetadata {
    /// The optics that RELION keeps once for a group.
    private struct Optics: Hashable {
        var voltage: Double
        var sphericalAberration: Double
        var amplitudeContrast: Double
    }

    private let particles: [SimulatedParticle]
    private let settings: SimulationSettings

    init(_ particles: [SimulatedParticle], settings: SimulationSettings) {
        self.particles = particles
        self.settings = settings
    }

    /// RELION 3.1: optics and particles. Origins are minus the displacement of the content, in Angstrom;
    /// poses and origins are the stated ones, with their errors.
    func star(stack: String) throws(DataError) -> STARFile {
        var groups: [Optics: Int] = [:]
        var order: [Optics] = []
        let group = particles.map { particle in
            let optics = Optics(
                voltage: particle.ctf.voltage, sphericalAberration: particle.ctf.sphericalAberration,
                amplitudeContrast: particle.ctf.amplitudeContrast)
            if let known = groups[optics] { return known }
            order.append(optics)
            groups[optics] = order.count
            return order.count
        }
        return STARFile(blocks: [try optics(order), try table(stack: stack, group: group)])
    }

    private func optics(_ order: [Optics]) throws(DataError) -> STARBlock {
        var block = STARBlock(name: "optics", comments: ["# version 30001"])
        try block.setColumn("rlnOpticsGroupName", order.indices.map { "opticsGroup\($0 + 1)" })
        try block.setColumn("rlnOpticsGroup", order.indices.map { $0 + 1 })
        let pixel = Array(repeating: settings.pixelSize, count: order.count)
        try block.setColumn("rlnMicrographOriginalPixelSize", pixel)
        try block.setColumn("rlnVoltage", order.map(\.voltage))
        try block.setColumn("rlnSphericalAberration", order.map(\.sphericalAberration))
        try block.setColumn("rlnAmplitudeContrast", order.map(\.amplitudeContrast))
        try block.setColumn("rlnImagePixelSize", pixel)
        try block.setColumn("rlnImageSize", Array(repeating: settings.box, count: order.count))
        try block.setColumn("rlnImageDimensionality", Array(repeating: 2, count: order.count))
        try block.setColumn("rlnCtfDataAreCtfPremultiplied", Array(repeating: 0, count: order.count))
        return block
    }

    private func table(stack: String, group: [Int]) throws(DataError) -> STARBlock {
        var block = STARBlock(name: "particles", comments: ["# version 30001"])
        let pixel = settings.pixelSize
        try block.setColumn("rlnImageName", particles.map { Self.padded($0.index + 1, 6) + "@" + stack })
        try block.setColumn(
            "rlnMicrographName", particles.map { "mic_" + Self.padded($0.micrograph + 1, 5) + ".mrc" })
        try block.setColumn("rlnAngleRot", particles.map(\.statedAngles.rot))
        try block.setColumn("rlnAngleTilt", particles.map(\.statedAngles.tilt))
        try block.setColumn("rlnAnglePsi", particles.map(\.statedAngles.psi))
        try block.setColumn("rlnOriginXAngst", particles.map { -$0.statedShift.x * pixel })
        try block.setColumn("rlnOriginYAngst", particles.map { -$0.statedShift.y * pixel })
        try block.setColumn("rlnDefocusU", particles.map(\.ctf.defocusU))
        try block.setColumn("rlnDefocusV", particles.map(\.ctf.defocusV))
        try block.setColumn("rlnDefocusAngle", particles.map(\.ctf.defocusAngle))
        try block.setColumn("rlnPhaseShift", particles.map(\.ctf.phaseShift))
        try block.setColumn("rlnOpticsGroup", group)
        try block.setColumn("rlnRandomSubset", particles.map { $0.index % 2 + 1 })
        try block.setColumn("rlnClassNumber", particles.map { _ in 1 })
        return block
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// One row a particle, in the order of the stack:
    ///
    ///     state            [n] int64
    ///     coordinate       [n], of the particle's state
    ///     rotation         [n, 3, 3], x_image = R X
    ///     euler            [n, 3]: rot, tilt, psi in degrees
    ///     shift_px         [n, 2]: displacement of the content along x and y, minus RELION's origin
    ///     shift_angstrom   [n, 2]: the same
    ///     ctf              [n, 7]: defocus U and V in A, angle in degrees, kV, Cs in mm, amplitude contrast,
    ///                      phase shift in degrees
    ///     stated_euler     [n, 3]: as in the STAR file, with its error
    ///     stated_shift_px  [n, 2]: likewise, minus the STAR file's origin
    ///     micrograph       [n] int64, from 0
    ///     state_coordinate [states]
    ///     scale            [n]: factor of the noise-free image
    ///     state_position   [states, d]: where states are in a continuous family; absent where they are
    ///     discrete state_broken     [states] bool: states of broken particles; absent where there are none
    func truth(_ ensemble: Ensemble) throws(DataError) -> NPZ {
        let n = particles.count
        let coordinates = ensemble.coordinates
        let pixel = settings.pixelSize
        func euler(_ a: EulerAngles) -> [Double] { [a.rot, a.tilt, a.psi] }
        func row(_ v: SIMD3<Double>) -> [Double] { [v.x, v.y, v.z] }
        var archive = NPZ()
        archive["state"] = try NPYArray(shape: [n], integers: particles.map(\.state))
        archive["coordinate"] = try NPYArray(shape: [n], doubles: particles.map { coordinates[$0.state] })
        archive["rotation"] = try NPYArray(
            shape: [n, 3, 3],
            doubles: particles.flatMap {
                row($0.rotation.row0) + row($0.rotation.row1) + row($0.rotation.row2)
            })
        archive["euler"] = try NPYArray(shape: [n, 3], doubles: particles.flatMap { euler($0.angles) })
        archive["shift_px"] = try NPYArray(
            shape: [n, 2], doubles: particles.flatMap { [$0.shift.x, $0.shift.y] })
        archive["shift_angstrom"] = try NPYArray(
            shape: [n, 2], doubles: particles.flatMap { [$0.shift.x * pixel, $0.shift.y * pixel] })
        archive["ctf"] = try NPYArray(
            shape: [n, 7],
            doubles: particles.flatMap {
                [
                    $0.ctf.defocusU, $0.ctf.defocusV, $0.ctf.defocusAngle, $0.ctf.voltage,
                    $0.ctf.sphericalAberration, $0.ctf.amplitudeContrast, $0.ctf.phaseShift,
                ]
            })
        archive["stated_euler"] = try NPYArray(
            shape: [n, 3], doubles: particles.flatMap { euler($0.statedAngles) })
        archive["stated_shift_px"] = try NPYArray(
            shape: [n, 2], doubles: particles.flatMap { [$0.statedShift.x, $0.statedShift.y] })
        archive["micrograph"] = try NPYArray(shape: [n], integers: particles.map(\.micrograph))
        archive["state_coordinate"] = try NPYArray(shape: [coordinates.count], doubles: coordinates)
        archive["scale"] = try NPYArray(shape: [n], doubles: particles.map(\.scale))
        if let positions = ensemble.positions {
            archive["state_position"] = try NPYArray(
                shape: [positions.count, positions[0].count], doubles: positions.flatMap { $0 })
        }
        if !ensemble.broken.isEmpty {
            archive["state_broken"] = try NPYArray(
                shape: [coordinates.count], bools: coordinates.indices.map(ensemble.broken.contains))
        }
        return archive
    }
}
