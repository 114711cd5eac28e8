import CryoIO
import Foundation
import TestSupport
import Testing

@testable import CryoEM

@Suite struct ParticleSetTests {
    @Test func readsAnOpticsAndAParticleBlock() throws {
        let set = try ParticleFixture().set(5)
        #expect(set.count == 5)
        #expect(set.box == 8)
        #expect(set.pixelSize == 2)
        #expect(set.angles[3] == EulerAngles(rot: 30.5, tilt: 23, psi: -30))
        #expect(set.origins[3] == SIMD2(4.5, -2))
        #expect(set.originsInPixels[3] == SIMD2(2.25, -1))
        #expect(
            set.ctf[3]
                == CTFParameters(
                    defocusU: 15300, defocusV: 14000, defocusAngle: 35, voltage: 300,
                    sphericalAberration: 2.7,
                    amplitudeContrast: 0.1))
        #expect(set.images[3] == ImageReference(stack: 0, index: 3))
        #expect(set.randomSubset == [1, 2, 1, 2, 1])
        #expect(set.micrographs == [0, 0, 1, 1, 2])
        #expect(set.micrographNames == ["mic_0.mrc", "mic_1.mrc", "mic_2.mrc"])
        #expect(set.groups == nil)
        #expect(set.warnings.isEmpty)
        #expect(set.stacks.count == 1)
    }

    @Test func readsOneBlockOfRELION30WithOriginsInPixels() throws {
        let fixture = try ParticleFixture()
        try fixture.stack("particles.mrcs", 2)
        let text = fixture.table(
            "",
            [
                "rlnImageName", "rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "rlnOriginX", "rlnOriginY",
                "rlnDefocusU", "rlnDefocusV", "rlnDefocusAngle", "rlnVoltage", "rlnSphericalAberration",
                "rlnAmplitudeContrast", "rlnPhaseShift", "rlnMagnification", "rlnDetectorPixelSize",
                "rlnGroupNumber",
            ],
            [
                [
                    "1@particles.mrcs", "1", "2", "3", "4", "-5", "9000", "8000", "7", "200", "2", "0.07",
                    "90", "25000", "5", "3",
                ],
                [
                    "2@particles.mrcs", "1", "2", "3", "0", "0", "9000", "8000", "7", "200", "2", "0.07",
                    "90", "25000", "5", "4",
                ],
            ])
        let set = try ParticleSet(path: fixture.folder.write(text, "run.star"))
        #expect(set.pixelSize == 2)
        #expect(set.origins[0] == SIMD2(8, -10))
        #expect(set.ctf[1].phaseShift == 90)
        #expect(set.ctf[1].voltage == 200)
        #expect(set.groups == [3, 4])
        #expect(set.opticsGroups == [1, 1])
        guard case .star(_, block: "") = set.source else {
            Issue.record("the block of the particles is not the bare data_: \(set.source)")
            return
        }
    }

    @Test func anyNumberOfOpticsGroupsWithOneBoxAndPixelSize() throws {
        let fixture = try ParticleFixture()
        try fixture.stack("particles.mrcs", 3)
        let groups = [
            ["7", "a", "300", "2.7", "0.1", "2.0", "8"], ["3", "b", "200", "2.0", "0.07", "2.0", "8"],
        ]
        let text = fixture.star31(3, optics: groups) { _, rows in
            for (k, group) in ["3", "7", "3"].enumerated() { rows[k][10] = group }
        }
        let set = try ParticleSet(path: fixture.folder.write(text, "particles.star"))
        #expect(set.opticsGroups == [3, 7, 3])
        #expect(set.ctf.map(\.voltage) == [200, 300, 200])
        #expect(set.ctf.map(\.amplitudeContrast) == [0.07, 0.1, 0.07])
    }

    @Test func stacksAreFoundByTheSTARFolderTheDataFolderAndWithoutPrefix() throws {
        let fixture = try ParticleFixture()
        try fixture.stack("raw/Extract/a.mrcs", 2)
        let star = fixture.star31(2) { _, rows in
            for k in 0..<2 { rows[k][0] = "\(k + 1)@job/Extract/a.mrcs" }
        }
        let path = try fixture.folder.write(star, "job7/run.star")
        #expect(throws: DataError.self) { try ParticleSet(path: path) }
        let reading = ParticleReading(dataFolders: [fixture.folder.file("raw")], stripPrefix: "job/")
        #expect(try ParticleSet(path: path, reading: reading).count == 2)
        let beside = try fixture.folder.write(
            star.replacingOccurrences(of: "@job/Extract", with: "@../raw/Extract"), "job7/beside.star")
        #expect(try ParticleSet(path: beside).count == 2)
    }

    @Test func theWholePathOfASelectionIsUntouchedInItsOwnFolder() throws {
        let fixture = try ParticleFixture()
        let set = try fixture.set(6)
        let path = fixture.folder.file("selection.star")
        try set.selecting([4, 1]).write(to: path)
        let original = try String(contentsOfFile: fixture.folder.file("particles.star"), encoding: .utf8)
        let written = try String(contentsOfFile: path, encoding: .utf8)
        let rows = written.split(separator: "\n").filter { $0.contains("@") }.map(String.init)
        let all = original.split(separator: "\n").filter { $0.contains("@") }.map(String.init)
        #expect(rows == [all[4], all[1]])
        #expect(written.contains("# version 30001"))
        let again = try ParticleSet(path: path)
        #expect(again.angles == [set.angles[4], set.angles[1]])
        #expect(again.images.map(\.index) == [4, 1])
        #expect(again.randomSubset == [1, 2])
    }

    @Test func imageNamesStayValidFromAnotherFolder() throws {
        let fixture = try ParticleFixture()
        let set = try fixture.set(4)
        try FileManager.default.createDirectory(
            atPath: fixture.folder.file("out/deep"), withIntermediateDirectories: true)
        let path = fixture.folder.file("out/deep/selection.star")
        try set.selecting([2, 0]).write(to: path)
        let block = try #require(try STARFile(path: path)[block: "particles"])
        #expect(
            block.column("rlnImageName") == ["000003@../../particles.mrcs", "000001@../../particles.mrcs"])
        #expect(block.column("rlnLabNote") == ["keep_2", "keep_0"])
        #expect(try ParticleSet(path: path).images.map(\.index) == [2, 0])
    }

    @Test func viewClassesFollowRotAndTilt() throws {
        let set = try ParticleFixture().set(4)
        #expect(set.viewClasses() == set.angles.map(ViewClass.index))
    }

    @Test func halfSetsAreTheFilesOrAFixedDivision() throws {
        let fixture = try ParticleFixture()
        #expect(try fixture.set(4).halfSets() == [1, 2, 1, 2])
        let text = fixture.star31(4) { columns, _ in columns[9] = "rlnOther" }
        let plain = try ParticleSet(path: fixture.folder.write(text, "plain.star"))
        #expect(plain.randomSubset == nil)
        let halves = plain.halfSets()
        #expect(halves.allSatisfy { $0 == 1 || $0 == 2 })
        #expect(try plain.selecting([3, 1]).halfSets() == [halves[3], halves[1]])
    }

    @Test func rowsAreReadWithoutAnObjectEach() throws {
        let fixture = try ParticleFixture()
        try fixture.stack("particles.mrcs", 4)
        let rows = 20_000
        let text = fixture.star31(4) { _, table in
            let some = table
            table = (0..<rows).map { some[$0 % 4] }
        }
        let path = try fixture.folder.write(text, "many.star")
        let start = Date()
        #expect(try ParticleSet(path: path).count == rows)
        // A release build reads a million rows in seconds; a debug build is some twenty times slower.
        #expect(Date().timeIntervalSince(start) < 20)
    }

    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
    func readsRealRefinementOfRELION31() throws {
        let path = try #require(SharedData.path("formats/relion31.star"))
        let set = try ParticleSet(path: path)
        #expect(set.count == 5)
        #expect(set.box == 256)
        #expect(set.pixelSize == 2.806)
        #expect(set.warnings.contains { $0.contains("header") })
    }

    @Test func theProjectsFolderIsFoundAboveTheJobs() throws {
        let fixture = try ParticleFixture()
        try fixture.stack("Extract/job1/a.mrcs", 2)
        let star = fixture.star31(2) { _, rows in
            for k in 0..<2 { rows[k][0] = "\(k + 1)@Extract/job1/a.mrcs" }
        }
        let path = try fixture.folder.write(star, "Refine3D/job2/run_data.star")
        #expect(try ParticleSet(path: path).stacks[0].path == fixture.folder.file("Extract/job1/a.mrcs"))
    }

    @Test func dataFoldersAreLookedIntoInTheirOrder() throws {
        let fixture = try ParticleFixture()
        for folder in ["one", "two"] { try fixture.stack(folder + "/particles.mrcs", 2) }
        let path = try fixture.folder.write(fixture.star31(2), "particles.star")
        for folders in [["none", "two", "one"], ["one", "two"]] {
            let reading = ParticleReading(dataFolders: folders.map(fixture.folder.file))
            let found = try ParticleSet(path: path, reading: reading).stacks[0].path
            #expect(found == fixture.folder.file((folders.first { $0 != "none" } ?? "") + "/particles.mrcs"))
        }
    }

    @Test func theOtherExtensionIsFoundWithAWarning() throws {
        let fixture = try ParticleFixture()
        try fixture.stack("particles.mrc", 2)
        let set = try ParticleSet(path: fixture.folder.write(fixture.star31(2), "particles.star"))
        #expect(set.stacks[0].path.hasSuffix("particles.mrc"))
        #expect(set.warnings.contains { $0.contains("particles.mrcs is missing") })
    }
}
