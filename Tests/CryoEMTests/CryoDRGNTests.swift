import CryoIO
import Foundation
import TestSupport
import Testing

@testable import CryoEM

@Suite struct CryoDRGNTests {
    private let fixture: ParticleFixture
    private let folder: String

    init() throws {
        fixture = try ParticleFixture()
        try fixture.stack("cryodrgn.mrcs", 5)
        folder = fixture.folder.path
        for name in ["cryodrgn.star", "cryodrgn_poses.pkl", "cryodrgn_ctf.pkl", "cryodrgn_rows.pkl"] {
            try FileManager.default.copyItem(
                atPath: Golden.url(name).path, toPath: fixture.folder.file(name))
        }
    }

    private func reading(indices: Bool = false) -> ParticleReading {
        ParticleReading(
            poses: folder + "/cryodrgn_poses.pkl", ctf: folder + "/cryodrgn_ctf.pkl",
            indices: indices ? folder + "/cryodrgn_rows.pkl" : nil)
    }

    private func expectEqual(_ set: ParticleSet, _ star: ParticleSet) {
        #expect(set.count == star.count && set.box == star.box && abs(set.pixelSize - star.pixelSize) < 1e-6)
        for row in 0..<set.count {
            #expect(Rotation(set.angles[row]).angle(to: Rotation(star.angles[row])) < 1e-4)
            let difference = set.origins[row] - star.origins[row]
            #expect(abs(difference.x) < 1e-5 && abs(difference.y) < 1e-5)
            let (a, b) = (set.ctf[row], star.ctf[row])
            #expect(abs(a.defocusU - b.defocusU) < 0.01 && abs(a.defocusV - b.defocusV) < 0.01)
            #expect(abs(a.defocusAngle - b.defocusAngle) < 1e-4 && abs(a.phaseShift - b.phaseShift) < 1e-4)
            #expect(a.voltage == b.voltage && abs(a.sphericalAberration - b.sphericalAberration) < 1e-6)
            #expect(set.images[row].index == star.images[row].index)
        }
    }

    @Test func posesAndCTFsAreThoseOfTheSTARFileTheyWereMadeFrom() throws {
        let star = try ParticleSet(path: folder + "/cryodrgn.star")
        expectEqual(try ParticleSet(path: folder + "/cryodrgn.mrcs", reading: reading()), star)
        let part = try ParticleSet(path: folder + "/cryodrgn.mrcs", reading: reading(indices: true))
        expectEqual(part, try star.selecting([4, 0, 2]))
    }

    @Test func aListOfStacksIsReadInItsOrder() throws {
        var other = fixture
        other.seed = 5
        try other.stack("a.mrcs", 2)
        try other.stack("b.mrcs", 3)
        let list = try fixture.folder.write("a.mrcs\nb.mrcs\n", "stacks.txt")
        let set = try ParticleSet(path: list, reading: reading())
        #expect(set.images.map(\.stack) == [0, 0, 1, 1, 1] && set.images.map(\.index) == [0, 1, 0, 1, 2])
    }

    @Test func aSelectionIsWrittenAsRowsOfTheStack() throws {
        let set = try ParticleSet(path: folder + "/cryodrgn.mrcs", reading: reading(indices: true))
        let path = fixture.folder.file("selected." + set.source.fileExtension)
        try set.selecting([2, 0]).write(to: path)
        #expect(try Pickle.read(path)[0].integers() == [2, 4])
        var again = reading()
        again.indices = path
        expectEqual(
            try ParticleSet(path: folder + "/cryodrgn.mrcs", reading: again), try set.selecting([2, 0]))
    }

    @Test func missingAndWrongTablesAreNamed() throws {
        func fault(_ path: String, _ reading: ParticleReading) throws -> String {
            try #require(throws: DataError.self) { try ParticleSet(path: path, reading: reading) }.description
        }
        #expect(try fault(folder + "/cryodrgn.mrcs", ParticleReading()).contains("--poses"))
        #expect(try fault(folder + "/cryodrgn.star", reading()).contains("--poses"))
        var wrong = reading()
        wrong.poses = wrong.ctf
        #expect(try fault(folder + "/cryodrgn.mrcs", wrong).contains("[5, 9]"))
        try fixture.stack("long.mrcs", 7)
        #expect(try fault(folder + "/long.mrcs", reading()).contains("7 rows"))
        try Pickle.write(integers: [5], to: fixture.folder.file("beyond.pkl"))
        var beyond = reading()
        beyond.indices = fixture.folder.file("beyond.pkl")
        #expect(try fault(folder + "/cryodrgn.mrcs", beyond).contains("0 to 4"))
    }
}
