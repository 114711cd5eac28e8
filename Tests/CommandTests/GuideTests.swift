import CryoEM
import CryoIO
import Foundation
import TestSupport
import Testing

/// The commands of docs/from-*.md and of docs/tutorial.md, one after the other, as a reader would type them.
@Suite struct GuideTests {
    private func page(_ name: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/\(name)"), encoding: .utf8)
    }

    /// The indented lines of a page that are commands of ours or of RELION's.
    private func commands(_ name: String) throws -> [[String]] {
        try page(name).split(separator: "\n").filter {
            $0.hasPrefix("    dsd ") || $0.hasPrefix("    relion_")
        }.map { quotedWords(String($0)) }
    }

    /// Runs the page's commands in the folder, with settings that make the training small.
    private func run(_ page: String, in folder: String) throws {
        let lines = try commands(page)
        #expect(lines.count >= 6, "\(page)")
        for line in lines {
            let text = line.joined(separator: " ")
            if line[0] != "dsd" {
                let referee = Referee.program(line[0])
                guard referee.isPresent else {
                    print("\(page): not run, \(referee.absence): \(text)")
                    continue
                }
                let outcome = try referee.run(Array(line.dropFirst()), in: folder)
                #expect(outcome.status == 0, "\(text): \(outcome.output)")
                continue
            }
            var arguments = Array(line.dropFirst())
            if arguments[0] == "view" {
                let viewing = try Viewing(Array(arguments.dropFirst()), in: folder)
                #expect(viewing.link != nil, "\(text): \(viewing.line)")
                #expect(viewing.end())
                continue
            }
            if arguments[0] == "train" {
                arguments += quotedWords(
                    "--epochs 2 --set model.decoderWidth=0.03125 --set model.encoderWidth=0.125")
            }
            let outcome = try Program.run(arguments, in: folder)
            #expect(outcome.status == 0, "\(text): \(outcome.output) \(outcome.error)")
        }
    }

    private func expectTrueMap(_ path: String, _ fixture: GuideFixture) throws {
        let curve = try FSC(DensityMap.read(fixture.temporary.file(path)), fixture.consensus())
        #expect(curve.values[1...5].allSatisfy { $0 > 0.8 }, "\(path): \(curve.values)")
    }

    @Test func relionUsersGoThereAndBack() throws {
        let fixture = try GuideFixture()
        try fixture.writeRELION()
        try run("from-relion.md", in: fixture.folder)
        try expectTrueMap("reconstruction/map.mrc", fixture)
        let selected = try ParticleSet(path: fixture.temporary.file("Select/state_a/particles.star"))
        let rest = try ParticleSet(path: fixture.temporary.file("rest.star"))
        #expect(selected.count + rest.count == 120)
        let full = try STARFile(path: fixture.temporary.file("state_a_full.star"))
        #expect(full[block: "particles"]?.rowCount == selected.count)
        let patch = try ParticleSet(path: fixture.temporary.file("patch.star"))
        #expect(patch.count == 120)
    }

    /// From the refinement to the particles of a state and a map of them.
    @Test func theTutorialEndsWithACleanedParticleFile() throws {
        let fixture = try GuideFixture()
        try fixture.writeRELION()
        try run("tutorial.md", in: fixture.folder)
        try expectTrueMap("reconstruction/map.mrc", fixture)
        let file = fixture.temporary.file
        let whole = try ParticleSet(path: file("Refine3D/job020/run_data.star"))
        let selected = try ParticleSet(path: file("selected.star"))
        #expect(selected.count > 0 && selected.count < whole.count)
        for place in [file("run/report.html"), file("run/null/null.json"), file("state/map.mrc")] {
            #expect(FileManager.default.fileExists(atPath: place), "\(place)")
        }
        // Every row is one of the refinement's, with all of its columns.
        let table = try STARFile(path: file("selected.star"))
        let original = try STARFile(path: file("Refine3D/job020/run_data.star"))
        #expect(table[block: "particles"]?.labels == original[block: "particles"]?.labels)
        // The page promises ten steps.
        let steps = try page("tutorial.md").split(separator: "\n").filter {
            $0.wholeMatch(of: /\*\*[0-9]+\. .*/) != nil
        }
        #expect(steps.count == 10)
    }

    @Test func cryoSPARCUsersGoThereAndBack() throws {
        let fixture = try GuideFixture()
        try fixture.writeCryoSPARC()
        try run("from-cryosparc.md", in: fixture.folder)
        try expectTrueMap("rec/map.mrc", fixture)
        let selected = try StructuredArray(path: fixture.temporary.file("state_a.cs"))
        let original = try StructuredArray(path: fixture.temporary.file("state_a_original.cs"))
        let passthrough = try StructuredArray(path: fixture.temporary.file("state_a_passthrough.cs"))
        #expect(selected.rowCount > 0 && selected.rowCount < 120)
        #expect(try passthrough.unsigned("uid") == selected.unsigned("uid"))
        let all = try StructuredArray(path: fixture.temporary.file("P12/J24/passthrough_particles.cs"))
        let rows = try selected.unsigned("uid").map { Int(($0 - 1_000_003) / 7919) }
        #expect(try passthrough.encoded() == all.selecting(rows: rows).encoded())
        // The pair is a particle set by itself.
        let reading = ParticleReading(
            dataFolders: [fixture.temporary.file("P12")], passthrough: [passthrough.file])
        #expect(try ParticleSet(path: selected.file, reading: reading).count == selected.rowCount)
        #expect(try selected.unsigned("uid") == original.unsigned("uid"))
    }

    @Test func cryoDRGNUsersGoThereAndBack() throws {
        let fixture = try GuideFixture()
        try fixture.writeCryoDRGN()
        try run("from-cryodrgn.md", in: fixture.folder)
        try expectTrueMap("rec/map.mrc", fixture)
        let rows = try #require(try Pickle.read(fixture.temporary.file("state_a.pkl")).first).integers()
        let selected = try ParticleSet(path: fixture.temporary.file("state_a.star"))
        let others = try ParticleSet(path: fixture.temporary.file("others.star"))
        #expect(selected.images.map { Int($0.index) } == rows && others.count == 120 - rows.count)
    }
}
