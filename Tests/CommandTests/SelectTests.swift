import Analysis
import CryoEM
import CryoIO
import Foundation
import OpusDSD
import TestSupport
import Testing

@testable import dsd

/// A run's folder with an analysis of 40 particles: four clusters in turn, rows on a line of the layout.
private struct SelectionFixture {
    let folder = try? TemporaryFolder()
    let path: String
    let particles: String

    init(particles: String? = nil) throws {
        path = try #require(folder).path
        self.particles = try particles ?? Fixture.set.get() + "/particles.star"
        let run = RunFolder(path + "/run")
        let analysis = AnalysisFolder(run)
        for part in [analysis.clusters(4), analysis.components] {
            try FileManager.default.createDirectory(atPath: part, withIntermediateDirectories: true)
        }
        let record = RunRecord(
            program: .init(version: DSD.version, torch: "", commandLine: "test"),
            inputs: .init(particles: self.particles), configuration: Configuration())
        try record.write(to: run.configuration)
        try NPYArray(shape: [40], integers: (0..<40).map { $0 % 4 })
            .write(to: analysis.clusters(4) + "/labels.npy")
        try NPYArray(shape: [40, 2], doubles: (0..<40).flatMap { [Double($0), 1] })
            .write(to: analysis.embedding)
        try NPYArray(shape: [40, 3], doubles: (0..<40).flatMap { [0, Double($0), -1] })
            .write(to: analysis.components + "/coordinates.npy")
    }

    /// Rows, from 0, that a selection takes.
    func rows(_ options: String) throws -> [Int] {
        let facts = try Program.json(
            ["select", "run"] + quotedWords(options) + ["--output", "out.star"], in: path)
        return try #require(facts["rows"] as? [Int])
    }
}

/// Words of a command line; quotes hold one together.
func quotedWords(_ line: String) -> [String] {
    line.split(separator: "\"", omittingEmptySubsequences: false).enumerated().flatMap { place, part in
        place % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
    }
}

@Suite struct SelectTests {
    @Test func clustersPolygonsAndIndicesSelect() throws {
        let fixture = try SelectionFixture()
        let all = Array(0..<40)
        #expect(try fixture.rows("--cluster 1,3") == all.filter { $0 % 2 == 1 })
        #expect(try fixture.rows("--cluster 1,3 --inverse") == all.filter { $0 % 2 == 0 })
        #expect(try fixture.rows("--polygon \"4.5,0 9.5,0 9.5,2 4.5,2\"") == Array(5...9))
        #expect(
            try fixture.rows("--axes pc2,pc3 --polygon \"4.5,0 9.5,0 9.5,-2 4.5,-2\"") == Array(5...9))
        try NPYArray(shape: [3], integers: [7, 2, 30]).write(to: fixture.path + "/rows.npy")
        #expect(try fixture.rows("--index rows.npy") == [2, 7, 30])
        try NPYArray(shape: [40], bools: all.map { $0 > 36 }).write(to: fixture.path + "/mask.npy")
        #expect(try fixture.rows("--index mask.npy") == [37, 38, 39])
        try AtomicFile.write(text: "# rows\n3\n11\n", to: fixture.path + "/rows.txt")
        #expect(try fixture.rows("--index rows.txt") == [3, 11])
        #expect(try fixture.rows("--index rows.txt --cluster 3") == [3, 11])
        #expect(try fixture.rows("--index rows.txt --cluster 1,2,0 --inverse") == all)
    }

    @Test func rowsAreByteEqualAndPathsLeadToTheStack() throws {
        let fixture = try SelectionFixture()
        _ = try fixture.rows("--cluster 2")
        let input = try STARFile(path: fixture.particles)
        let output = try STARFile(path: fixture.path + "/out.star")
        #expect(output.blocks.map(\.name) == input.blocks.map(\.name))
        let (a, b) = (try #require(input[block: "particles"]), try #require(output[block: "particles"]))
        #expect(b.labels == a.labels && b.rowCount == 10)
        for label in a.labels where label != "rlnImageName" {
            let (was, now) = (try #require(a[label]), try #require(b[label]))
            #expect((0..<10).allSatisfy { now.original($0).elementsEqual(was.original(4 * $0 + 2)) })
        }
        let set = try ParticleSet(path: fixture.path + "/out.star")
        let numbers = (0..<10).map { Int32(4 * $0 + 2) }
        #expect(set.images.map(\.index) == numbers)
    }

    /// The same particles in another folder, in another order and with a column of their own.
    private func other(_ fixture: SelectionFixture, _ change: (inout [String]) -> Void = { _ in }) throws {
        var star = try STARFile(path: fixture.particles)
        var block = try #require(star[block: "particles"]).selecting(rows: Array((0..<40).reversed()))
        var names = try #require(block.column("rlnImageName")).map {
            $0.replacingOccurrences(of: "@particles.mrcs", with: "@Extract/unbinned/particles.mrc")
        }
        change(&names)
        try block.setColumn("rlnImageName", names)
        try block.setColumn("rlnOriginal", (0..<40).map { "row\($0)" })
        star[block: "particles"] = block
        try star.write(to: fixture.path + "/other.star")
    }

    @Test func aSelectionIsCarriedOverByImageName() throws {
        let fixture = try SelectionFixture()
        try other(fixture)
        let outcome = try Program.run(
            quotedWords("select run --cluster 1 --onto other.star --output out.star"), in: fixture.path)
        #expect(outcome.status == 0 && outcome.output.contains("10 of the 40"), "\(outcome.error)")
        #expect(outcome.error.contains("Extract/unbinned/particles.mrc"))
        let block = try #require(try STARFile(path: fixture.path + "/out.star")[block: "particles"])
        let wanted = (0..<40).filter { (39 - $0) % 4 == 1 }.map { "row\($0)" }
        #expect(block.column("rlnOriginal") == wanted)
        let strict = try Program.run(
            quotedWords("select run --cluster 1 --onto other.star --match name --output no.star"),
            in: fixture.path)
        #expect(strict.status == 1 && strict.error.contains("row 2") && strict.error.contains("9 others"))
        #expect(!FileManager.default.fileExists(atPath: fixture.path + "/no.star"))
    }

    @Test func ambiguousNamesAreRefused() throws {
        let fixture = try SelectionFixture()
        try other(fixture) { $0[0] = $0[2] }
        let outcome = try Program.run(
            quotedWords("select run --cluster 1 --onto other.star --output out.star"), in: fixture.path)
        #expect(outcome.status == 1 && outcome.error.contains("ambiguous") && outcome.error.contains("row 3"))
    }

    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
    func cryoSPARCParticlesKeepTheirBytesAndMapByUID() throws {
        let folder = try TemporaryFolder()
        let path = try #require(SharedData.path("formats/cryosparc_P12_J24_001_particles.cs"))
        let table = try StructuredArray(path: path)
        try NPYArray(shape: [3], integers: [4, 1, 9]).write(to: folder.file("rows.npy"))
        // Another file of the same particles, the other way round.
        try table.selecting(rows: Array((0..<table.rowCount).reversed())).write(to: folder.file("other.cs"))
        let line = ["select", path, "--index", folder.file("rows.npy"), "--output", folder.file("out.cs")]
        let outcome = try Program.run(line, in: folder.path)
        #expect(outcome.status == 0, "\(outcome.error)")
        let out = try StructuredArray(path: folder.file("out.cs"))
        #expect(try out.encoded() == table.selecting(rows: [1, 4, 9]).encoded())
        let mapped = try Program.run(line + ["--onto", "other.cs"], in: folder.path)
        #expect(mapped.status == 0, "\(mapped.error)")
        let onto = try StructuredArray(path: folder.file("out.cs"))
        #expect(try onto.unsigned("uid") == table.selecting(rows: [9, 4, 1]).unsigned("uid"))
        let star = try Program.run(Array(line.dropLast()) + ["out.star"], in: folder.path)
        #expect(star.status == 1 && star.error.contains(".cs"))
    }

    @Test(arguments: [
        ("--output out.star", "--cluster"),
        ("--cluster 9 --output out.star", "0 to 3"),
        ("--cluster x --output out.star", "'x'"),
        ("--cluster 1 --clusters 5 --output out.star", "kmeans5"),
        ("--polygon \"0,0 1,1\" --output out.star", "3 or more"),
        ("--polygon \"0,0 1,1 a,2\" --output out.star", "a,2"),
        ("--polygon \"90,0 91,0 91,1\" --output out.star", "no particle"),
        ("--polygon \"0,0 1,0 1,1\" --axes pc1,pc9 --output out.star", "axes 1 and 9"),
        ("--polygon \"0,0 1,0 1,1\" --axes tsne --output out.star", "tsne"),
        ("--index far.txt --output out.star", "0 to 39"),
        ("--index none.npy --output out.star", "none.npy"),
        ("--cluster 1 --output out.cs", ".star"),
        ("--cluster 1 --onto none.star --output out.star", "none.star"),
    ])
    func badInputIsNamedAndNothingIsWritten(_ options: String, _ named: String) throws {
        let fixture = try SelectionFixture()
        try AtomicFile.write(text: "40\n", to: fixture.path + "/far.txt")
        let outcome = try Program.run(["select", "run"] + quotedWords(options), in: fixture.path)
        #expect(outcome.status == 1 && outcome.error.contains(named), "\(outcome.error)")
        #expect(!FileManager.default.fileExists(atPath: fixture.path + "/out.star"))
        #expect(!FileManager.default.fileExists(atPath: fixture.path + "/out.cs"))
    }
}
