import CryoIO
import TestSupport
import Testing

struct STARBadInputTests {
    func error(_ text: String) throws -> DataError {
        let error = try #require(dataError { _ = try STARFile(text: text, file: "bad.star") })
        #expect(error.file == "bad.star" && error.remedy != nil)
        return error
    }

    @Test(arguments: ["5", "5 6 7"])
    func rowWithAWrongNumberOfValuesIsNamed(row: String) throws {
        let error = try error("data_particles\nloop_\n_a #1\n_b #2\n1 2\n\n3 4\n\(row)\n7 8\n")
        #expect(error.location == .row(3) && error.wanted == "2")
        #expect(error.found == "\(row.split(separator: " ").count)")
        #expect(error.problem == "wrong number of values in data_particles (line 8)")
    }

    @Test func firstRowOfWrongLengthIsNamed() throws {
        #expect(try error("data_\nloop_\n_a\n_b\n1\n").location == .row(1))
        #expect(try error("data_\nloop_\n1 2\n").wanted == "0")
    }

    @Test(arguments: [
        ("", "this is not a STAR file"), ("# only a comment\n", "this is not a STAR file"),
        ("loop_\n_a\n1\n", "text before the first block"), ("hello\n", "text before the first block"),
        ("data_\n_a\n", "neither a table nor one value"),
        ("data_\n_a 1 2\n", "neither a table nor one value"),
        ("data_\n1 2\n", "neither a table nor one value"), ("data_\n_a 1\nloop_\n_b\n", "a second table"),
        ("data_\nloop_\n_a\n1\nloop_\n_b\n1\n", "a second table"),
        ("data_\nloop_\n_a\n_a\n1 2\n", "label twice"),
        ("data_\n_a 1\n_a 2\n", "label twice"),
    ])
    func malformedTextIsNamed(text: String, problem: String) throws {
        #expect(try error(text).problem.contains(problem))
    }

    @Test(arguments: ["None", "1.5x", "nan", "inf", "0x10", "--1", "1e999", "''", "1,5"])
    func valueThatIsNoNumberIsNamed(value: String) throws {
        let block = try STARFile(text: "data_p\nloop_\n_rlnDefocusU\n_b\n1 1\n\(value) 2\n", file: "f.star")
            .blocks[0]
        let error = dataError { _ = try block.doubles("rlnDefocusU") }
        #expect(error?.file == "f.star" && error?.location == .row(2) && error?.wanted == "a number")
        #expect(error?.problem == "column _rlnDefocusU of data_p holds no number")
    }

    @Test func fractionIsNoWholeNumber() throws {
        let block = try STARFile(text: "data_p\nloop_\n_g\n1\n2\n2.5\n", file: "f.star").blocks[0]
        let error = dataError { _ = try block.integers("g", file: "other.star") }
        #expect(error?.file == "other.star" && error?.location == .row(3) && error?.found == "'2.5'")
    }

    @Test func missingColumnIsNamed() throws {
        let block = try STARFile(text: "data_p\nloop_\n_a\n_b\n1 2\n", file: "f.star").blocks[0]
        let error = dataError { _ = try block.doubles("rlnAngleRot") }
        #expect(error?.wanted == "_rlnAngleRot" && error?.found == "_a _b" && error?.file == "f.star")
        #expect(dataError { _ = try block.strings("rlnImageName") } != nil)
    }

    @Test func rowOutsideTheTableIsRefused() throws {
        let block = try STARFile(text: "data_p\nloop_\n_a\n1\n2\n", file: "f.star").blocks[0]
        #expect(dataError { _ = try block.selecting(rows: [0, 2]) }?.location == .row(3))
        #expect(dataError { _ = try block.selecting(rows: [-1]) }?.wanted == "1 to 2")
    }

    @Test func missingFileAndFolderAreNamed() throws {
        let folder = try TemporaryFolder()
        #expect(
            dataError { _ = try STARFile(path: folder.file("no.star")) }?.problem == "cannot open the file")
        #expect(
            dataError { _ = try STARFile(path: folder.path) }?.problem == "cannot read a folder as a file")
        #expect(dataError { _ = try STARFile(path: "") } != nil)
    }

    @Test func randomBytesNeverTrap() throws {
        var random = SeededGenerator(seed: 11)
        let pieces = [
            "data_", "loop_", "_a", "_b", "#", "'", "\"", "\n", "\n", " ", "1", "\r", ";", "é", "\0",
        ]
        for _ in 0..<2000 {
            let text = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                pieces[Int.random(in: pieces.indices, using: &random)]
            }.joined()
            guard let file = try? STARFile(text: text, file: "x") else { continue }
            #expect(throws: Never.self) {
                try STARFile(text: String(decoding: file.encoded(), as: UTF8.self), file: "y")
            }
        }
    }
}
