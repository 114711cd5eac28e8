import CryoIO
import Foundation
import TestSupport
import Testing

struct STARWritingTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let realFiles = [
        "FinalRefinement-OriginalParticles-PfCRT.star", "empiar_10076_7.star", "relion31.6opticsgroups.star",
        "relion31.star", "toy_projections.star", "toy_projections_13.star",
    ]

    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)), arguments: realFiles)
    func realFilesSurviveARoundTrip(name: String) throws {
        let path = try #require(SharedData.path("formats/" + name))
        let file = try STARFile(path: path)
        try file.write(to: folder.file(name))
        let again = try STARFile(path: folder.file(name))
        #expect(again.blocks.map(\.name) == file.blocks.map(\.name))
        #expect(again.blocks.map(\.labels) == file.blocks.map(\.labels))
        #expect(again.blocks.map(\.content) == file.blocks.map(\.content))
        for (old, new) in zip(file.blocks, again.blocks) {
            #expect(old.rowCount == new.rowCount && old.rowCount > 0)
            for (first, second) in zip(old.columns, new.columns) {
                #expect((0..<old.rowCount).allSatisfy { first.original($0) == second.original($0) })
            }
        }
        #expect(
            words(try String(contentsOfFile: path, encoding: .utf8))
                == words(
                    try String(contentsOfFile: folder.file(name), encoding: .utf8)))
    }

    /// Everything in a file but comments, label numbers and the width of blanks, found without the parser.
    func words(_ text: String) -> [String] {
        text.split(separator: "\n").filter { !$0.hasPrefix("#") }.flatMap { line in
            line.split(whereSeparator: \.isWhitespace).filter { !$0.hasPrefix("#") }.map(String.init)
        }
    }

    @Test func textIsThatOfRELION() throws {
        var file = try STARFile(
            text: "# version 30001\ndata_p\nloop_\n_a\n_b\n1   'x y'\n0.50 z\n", file: "t")
        var general = STARBlock(name: "general", content: .pairs)
        try general.setColumn("rlnName", ["a b"])
        file.blocks.append(general)
        let wanted = """

            # version 30001

            data_p

            loop_
            _a #1
            _b #2
            1 'x y'
            0.50 z


            data_general

            _rlnName "a b"


            """
        #expect(String(decoding: try file.encoded(), as: UTF8.self) == wanted)
    }

    @Test func rowsAreSelectedInTheGivenOrderWithTheirText() throws {
        let file = try STARFile(text: "data_\nloop_\n_a\n_b\n1.00 x\n2.000 'y'\n3 z\n", file: "t")
        let block = try file.blocks[0].selecting(rows: [2, 0, 0, 1])
        #expect(
            block.column("a") == ["3", "1.00", "1.00", "2.000"] && block.column("b") == ["z", "x", "x", "y"])
        #expect(Array(try #require(block["b"]).original(3)) == Array("'y'".utf8))
        #expect(try file.blocks[0].selecting(rows: []).rowCount == 0)
    }

    @Test func columnsAreReplacedInPlaceAddedLastAndRemoved() throws {
        var block = try STARFile(text: "data_p\nloop_\n_a\n_b\n_c\n1 2 3\n4 5 6\n", file: "t").blocks[0]
        try block.setColumn("b", [0.5, -1.25])
        try block.setColumn("d", [7, 8])
        try block.setColumn("e", [1 / 3.0, 1e-9], decimals: 3)
        block.removeColumn("a")
        block.removeColumn("none")
        #expect(block.labels == ["b", "c", "d", "e"])
        #expect(block.column("b") == ["0.500000", "-1.250000"] && block.column("c") == ["3", "6"])
        #expect(block.column("d") == ["7", "8"] && block.column("e") == ["0.333", "0.000"])
        #expect(dataError { try block.setColumn("f", ["one"]) }?.wanted == "2")
        #expect(dataError { try block.setColumn("f", [1, .nan]) }?.location == .row(2))
        #expect(dataError { try block.setColumn("two words", ["1", "2"]) } != nil)
        #expect(dataError { try block.setColumn("_f", ["1", "2"]) } != nil)
    }

    @Test func anyTextOfOneLineSurvives() throws {
        let values = [
            "plain", "", "two words", "it's", "'a' b", "say \"hi\" now", "#no", "_label", "data_x", "loop_",
            "$v", ";t",
            "tab\there", "\"", "'", "é", "a#b", "[1,2]",
        ]
        var block = STARBlock(name: "particles")
        try block.setColumn("rlnText", values)
        try block.setColumn("rlnNumber", Array(values.indices))
        try STARFile(blocks: [block]).write(to: folder.file("a.star"))
        let again = try STARFile(path: folder.file("a.star"))
        #expect(again[block: "particles"]?.column("rlnText") == values)
        for bad in ["two\nlines", "both ' and \" here"] {
            #expect(
                dataError { try block.setColumn("rlnText", [String](repeating: bad, count: values.count)) }
                    != nil)
        }
        #expect(
            dataError { try STARFile(blocks: [STARBlock(name: "a b")]).write(to: folder.file("b.star")) }
                != nil)
        #expect(try folder.contents() == ["a.star"])
    }

    @Test func blocksAreReplacedAddedAndRemovedByName() throws {
        var file = try STARFile(text: "data_a\n_x 1\ndata_b\n_x 2\n", file: "t")
        file[block: "a"] = STARBlock(name: "a")
        file[block: "c"] = STARBlock(name: "c")
        file[block: "b"] = nil
        #expect(file.blocks.map(\.name) == ["a", "c"] && file.blocks[0].labels.isEmpty)
    }

    @Test func largeTablesAreWrittenInPieces() throws {
        var block = STARBlock(name: "particles")
        let names = (0..<30_000).map { "\($0)@Extract/job012/Micrographs/\($0 / 100).mrcs" }
        try block.setColumn("rlnImageName", names)
        try block.setColumn("rlnVoltage", [Double](repeating: 300, count: names.count))
        try STARFile(blocks: [block]).write(to: folder.file("large.star"))
        let again = try STARFile(path: folder.file("large.star")).blocks[0]
        #expect(again.column("rlnImageName") == names)
    }
}
