import CryoIO
import Foundation
import TestSupport
import Testing

@testable import CryoEM

/// RELION's programs and cryoDRGN read the particles that are handed back.
@Suite struct WayBackTests {
    private let fixture: ParticleFixture
    private let set: ParticleSet

    init() throws {
        fixture = try ParticleFixture()
        set = try fixture.set(8)
    }

    private static let starHandler = Referee.program("relion_star_handler")

    @Test(.enabled(if: starHandler.isPresent, Comment(rawValue: starHandler.absence)))
    func relionReadsSelectionsAndTheirImages() throws {
        try set.selecting([6, 1, 3]).write(to: fixture.folder.file("part.star"))
        let folder = fixture.folder.path
        let handled = try Self.starHandler.run(
            ["--i", "part.star", "--o", "kept.star", "--select", "rlnDefocusU", "--minval", "15200"],
            in: folder)
        #expect(handled.status == 0 && handled.output.contains("2 item"), "\(handled.output)")
        let kept = try ParticleSet(path: fixture.folder.file("kept.star"))
        #expect(kept.images.map(\.index) == [6, 3])
        let stacked = try Referee.program("relion_stack_create").run(
            ["--i", "part.star", "--o", "copied"], in: folder)
        #expect(stacked.status == 0, "\(stacked.output)")
        let copied = try MRCStack(path: fixture.folder.file("copied.mrcs"))
        #expect(copied.count == 3)
        for (place, row) in [6, 1, 3].enumerated() {
            #expect(try copied.image(place) == set.stacks[0].stack.image(row))
        }
    }

    /// Runs a command of cryoDRGN, without the packages that its other commands need.
    private func cryoDRGN(_ arguments: String..., in folder: String) throws {
        let start = """
            import argparse, importlib, sys
            command = importlib.import_module("cryodrgn.commands." + sys.argv[1])
            parser = argparse.ArgumentParser()
            command.add_args(parser)
            command.main(parser.parse_args(sys.argv[2:]))
            """
        let outcome = try Referee.cryoDRGN.run(["-c", start] + arguments, in: folder)
        try #require(outcome.status == 0, "\(outcome.output)")
    }

    private func expect(_ poses: NPYArray, _ set: ParticleSet) {
        #expect(poses.shape == [set.count, 3, 3])
        for (row, angles) in set.angles.enumerated() {
            let matrix = Rotation(rowMajor: Array(poses.doubles()[9 * row..<9 * row + 9]))
            #expect(Rotation(angles).angle(to: matrix) < 1e-3)
        }
    }

    @Test(.enabled(if: Referee.cryoDRGN.isPresent, Comment(rawValue: Referee.cryoDRGN.absence)))
    func cryoDRGNReadsSelectionsOfSTARFiles() throws {
        let part = try set.selecting([6, 1, 3]), folder = fixture.folder
        try part.write(to: folder.file("part.star"))
        try cryoDRGN("parse_pose_star", "part.star", "-o", "poses.pkl", in: folder.path)
        try cryoDRGN("parse_ctf_star", "part.star", "-o", "ctf.pkl", in: folder.path)
        expect(try Pickle.read(folder.file("poses.pkl"))[0], part)
        let ctf = try Pickle.read(folder.file("ctf.pkl"))[0].doubles()
        #expect((0..<3).map { ctf[9 * $0 + 2] } == part.ctf.map(\.defocusU))
    }

    @Test(.enabled(if: Referee.cryoDRGN.isPresent, Comment(rawValue: Referee.cryoDRGN.absence)))
    func cryoDRGNReadsSelectionsOfCryoSPARCFiles() throws {
        let project = try CryoSPARCFixture()
        let part = try project.set("refinement.cs").selecting([5, 0, 2])
        try part.write(to: project.job + "/part.cs")
        try cryoDRGN("parse_pose_csparc", "part.cs", "-o", "poses.pkl", in: project.job)
        expect(try Pickle.read(project.job + "/poses.pkl")[0], part)
    }
}
