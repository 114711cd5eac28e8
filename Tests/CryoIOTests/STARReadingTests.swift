import CryoIO
import TestSupport
import Testing

struct STARReadingTests {
    func read(_ text: String) throws -> STARFile { try STARFile(text: text, file: "test.star") }

    @Test func relion30HasOneBareBlock() throws {
        let file = try read(
            "\ndata_\n\nloop_ \n_rlnImageName #1 \n_rlnVoltage #2 \n1@a.mrcs  300.000000 \n2@a.mrcs 200 \n")
        let block = try #require(file[block: ""])
        #expect(
            block.labels == ["rlnImageName", "rlnVoltage"] && block.rowCount == 2 && block.content == .table)
        #expect(block.column("rlnImageName") == ["1@a.mrcs", "2@a.mrcs"])
        #expect(try block.doubles("rlnVoltage") == [300, 200])
        #expect(
            block.column("rlnOther") == nil && !block.contains("rlnOther") && block.contains("rlnVoltage"))
    }

    @Test func relion31HasOpticsAndParticles() throws {
        let file = try read(
            """

            # version 30001

            data_optics

            loop_
            _rlnOpticsGroup #1
            _rlnImagePixelSize #2
            1 1.25


            # version 30001

            data_particles

            loop_
            _rlnOpticsGroup #1
            1
            1

            """)
        #expect(file.blocks.map(\.name) == ["optics", "particles"])
        #expect(file.blocks.map(\.comments) == [["# version 30001"], ["# version 30001"]])
        #expect(try file[block: "particles"]?.integers("rlnOpticsGroup") == [1, 1])
        #expect(file[block: "micrographs"] == nil)
    }

    @Test func pairsAreATableOfOneRow() throws {
        let file = try read(
            "data_general\n\n_rlnFinalResolution   7.2  # comment\n_rlnName 'a b'\n_rlnNone \"\"\n")
        let block = file.blocks[0]
        #expect(block.content == .pairs && block.rowCount == 1)
        #expect(try block.doubles("rlnFinalResolution") == [7.2])
        #expect(block.column("rlnName") == ["a b"] && block.column("rlnNone") == [""])
    }

    @Test func commentsQuotesAndBlankLinesInTables() throws {
        let block = try read(
            """
            # a comment
            data_images # another
            loop_ # and another
            _a#b #1
            _c
            # between
            'one two' "it's"

            # in the middle
               job#7   don't#x   # at the end
            \t'open   "x"y"
            """
        ).blocks[0]
        #expect(block.name == "images" && block.labels == ["a#b", "c"])
        #expect(block.column("a#b") == ["one two", "job#7", "'open"])
        #expect(block.column("c") == ["it's", "don't#x", "x\"y"])
        #expect(block.comments == ["# a comment"])
    }

    @Test(arguments: ["\n", "\r\n"])
    func lineEndsAndAMissingLastOne(end: String) throws {
        for tail in ["", end, end + end] {
            let text =
                ["data_particles", "", "loop_", "_a #1", "_b #2", "1 2", "3 4"].joined(separator: end) + tail
            let block = try read(text).blocks[0]
            #expect(block.column("a") == ["1", "3"] && block.column("b") == ["2", "4"])
        }
    }

    @Test func byteOrderMarkAndKeywordsInCapitals() throws {
        let block = try read("\u{feff}DATA_Particles\nLOOP_\n_A\n1\n").blocks[0]
        #expect(block.name == "Particles" && block.column("A") == ["1"])
    }

    @Test func valuesThatLookLikeKeywordsStayValues() throws {
        let block = try read("data_\nloop_\n_a\n_b\ndata_1/x.mrc 1\nloop_ 2\n_name.mrc 3\n").blocks[0]
        #expect(block.column("a") == ["data_1/x.mrc", "loop_", "_name.mrc"])
    }

    @Test func emptyBlocksAndTables() throws {
        let file = try read("data_a\n\ndata_b\nloop_\n_x #1\n_y #2\n\ndata_c\n_z 1\n")
        #expect(file.blocks.map(\.rowCount) == [0, 0, 1])
        #expect(file.blocks.map(\.labels) == [[], ["x", "y"], ["z"]])
        #expect(try file.blocks[1].doubles("x") == [])
    }

    @Test func bytesThatAreNotUTF8AreKept() throws {
        let folder = try TemporaryFolder()
        let row: [UInt8] = [0xe9, 0x41, 0x20, 0x31]
        let path = try folder.write(Array("data_\nloop_\n_a\n_b\n".utf8) + row, as: "latin.star")
        let file = try STARFile(path: path)
        #expect(Array(try #require(file.blocks[0]["a"]).original(0)) == [0xe9, 0x41])
        #expect(try file.encoded().suffix(6) == row + [0x0a, 0x0a])
    }

    @Test func numbersInAllTheirForms() throws {
        let block = try read("data_\nloop_\n_x\n1\n-2.50\n+3e2\n.5\n4.\n1E-3\n'7.5'\n").blocks[0]
        #expect(try block.doubles("x") == [1, -2.5, 300, 0.5, 4, 0.001, 7.5])
        #expect(try read("data_\nloop_\n_x\n1\n2.000\n-3\n").blocks[0].integers("x") == [1, 2, -3])
    }

    /// Long tables are cut into parts; comments, blank lines and quotes may lie anywhere, and the next
    /// block's comments stay with it.
    @Test(arguments: [3, 200, 9_000, 60_000])
    func longTablesAreReadAsShortOnesAre(_ rows: Int) throws {
        var text = "data_a\nloop_\n_n\n_name\n"
        for row in 0..<rows {
            text += row % 7 == 0 ? "  \(row) 'name \(row)' # note\r\n" : "\(row)\tplain\n"
            if row % 1000 == 0 { text += "\n# between rows\n" }
        }
        text += "\n# version 30001\n\ndata_b\nloop_\n_m\n1\n2\n\ndata_c\n_k v\n"
        let file = try read(text)
        #expect(file.blocks.map(\.name) == ["a", "b", "c"] && file.blocks[1].comments == ["# version 30001"])
        #expect(try file.blocks[0].integers("n") == Array(0..<rows))
        let names = try #require(file.blocks[0]["name"])
        #expect((0..<rows).allSatisfy { names[$0] == ($0 % 7 == 0 ? "name \($0)" : "plain") })
        #expect(try file.blocks[1].integers("m") == [1, 2])
        let broken = text.replacing("\(rows - 2)\tplain", with: "\(rows - 2)\tplain more")
        // A carriage return and a line feed are one character of a string, but two bytes.
        let line = broken.utf8.split(separator: 0x0a, omittingEmptySubsequences: false)
            .firstIndex { $0.suffix(4).elementsEqual("more".utf8) }
        let error = dataError { _ = try read(broken) }
        #expect(error?.location == .row(rows - 1))
        #expect(error?.problem.contains("line \(1 + (line ?? -1)))") == true)
    }
}
