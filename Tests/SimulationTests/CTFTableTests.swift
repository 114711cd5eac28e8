import CryoEM
import CryoIO
import TestSupport
import Testing

@testable import Simulation

@Suite struct CTFTableTests {
    private static let modern = """
        data_optics
        loop_
        _rlnOpticsGroup
        _rlnVoltage
        _rlnSphericalAberration
        _rlnAmplitudeContrast
        2 200 1.4 0.07
        1 300 2.7 0.1

        data_particles
        loop_
        _rlnDefocusU
        _rlnDefocusV
        _rlnDefocusAngle
        _rlnOpticsGroup
        11000 10900 12 1
        21000 20000 77 2
        """

    private static let old = """
        data_
        loop_
        _rlnDefocusU
        _rlnDefocusV
        _rlnDefocusAngle
        _rlnVoltage
        _rlnSphericalAberration
        _rlnAmplitudeContrast
        _rlnPhaseShift
        11000 10900 12 300 2.7 0.1 90
        """

    private func table(_ text: String) throws -> CTFTable {
        let folder = try TemporaryFolder()
        return try CTFTable(star: try folder.write(Array(text.utf8), as: "ctf.star"))
    }

    @Test func opticsComeFromTheirTable() throws {
        let rows = try table(Self.modern).rows
        #expect(rows.count == 2)
        #expect(rows[0].voltage == 300 && rows[1].voltage == 200 && rows[1].amplitudeContrast == 0.07)
        #expect(rows[1].defocusU == 21_000 && rows[1].defocusAngle == 77 && rows[1].phaseShift == 0)
    }

    @Test func oldFilesKeepOpticsInTheirRows() throws {
        #expect(
            try table(Self.old).rows == [
                CTFParameters(
                    defocusU: 11_000, defocusV: 10_900, defocusAngle: 12, voltage: 300,
                    sphericalAberration: 2.7,
                    amplitudeContrast: 0.1, phaseShift: 90)
            ])
    }

    @Test func particlesDrawFromTheTableAndTheSTARGroupsTheirOptics() throws {
        let table = try table(Self.modern)
        let (ensemble, settings) = try small(count: 40)
        let simulator = try ParticleSimulator(
            ensemble: ensemble, settings: settings, table: table, threads: 1)
        let particles = (0..<40).map(simulator.particle)
        #expect(particles.allSatisfy { table.rows.contains($0.ctf) })
        #expect((8...32).contains(particles.count { $0.ctf == table.rows[0] }))
        let star = try ParticleMetadata(particles, settings: settings).star(stack: "p.mrcs")
        let optics = try #require(star[block: "optics"])
        let groups = try star[block: "particles"]?.integers("rlnOpticsGroup") ?? []
        let voltages = try optics.doubles("rlnVoltage")
        #expect(optics.rowCount == 2)
        for (particle, group) in zip(particles, groups) {
            #expect(voltages[group - 1] == particle.ctf.voltage)
        }
    }

    @Test(arguments: [
        ("_rlnDefocusU", "_rlnOther", "no table has CTFs"), ("_rlnDefocusV", "_rlnOther", "_rlnDefocusV"),
        ("77 2", "77 5", "row 2: the optics group is not in the optics table; found 5"),
        ("2 200", "2 -200", "row 2: the optics of the row"), ("21000", "many", "row 2"),
    ])
    func faultIsNamedWithItsRow(old: String, new: String, expected: String) {
        let text = message { _ = try table(Self.modern.replacing(old, with: new)) }
        #expect(text?.contains(expected) == true, "\(text ?? "no error")")
    }

    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
    func realFilesAreReadOrTheirFaultNamed() throws {
        let modern = try #require(SharedData.path("formats/relion31.6opticsgroups.star"))
        #expect(try CTFTable(star: modern).rows.allSatisfy { $0.defocusU > 1000 })
        let old = try #require(SharedData.path("formats/FinalRefinement-OriginalParticles-PfCRT.star"))
        #expect(
            message { _ = try CTFTable(star: old) }?.contains("has no column _rlnAmplitudeContrast") == true)
    }
}
