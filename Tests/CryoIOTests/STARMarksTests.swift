import TestSupport
import Testing

@testable import CryoIO

/// Values are found again from the marks of their first and last bytes.
@Suite struct STARMarksTests {
    /// Values of all lengths, quoted and not, some longer than several words of marks.
    private func values(_ count: Int, _ random: inout SeededGenerator) -> [String] {
        (0..<count).map { _ in
            let length = [1, 1, 2, 5, 12, 63, 64, 65, 200][Int.random(in: 0..<9, using: &random)]
            let text = String((0..<length).map { _ in "abc123.-@"[Int.random(in: 0..<9, using: &random)] })
            return Bool.random(using: &random) ? text : text + " b"
        }
    }

    @Test(arguments: [1, 2, 7, 31])
    func everyValueIsFoundWhereItLies(_ width: Int) throws {
        var random = SeededGenerator(seed: UInt64(width))
        // Rows for more than one part of the text that is scanned at once.
        let rows = 30_000 / width, table = (0..<rows).map { _ in values(width, &random) }
        var text = "# version 30001\n\ndata_first\n\n_one 1\n\ndata_second\n\nloop_\n"
        for column in 0..<width { text += "_c\(column)\n" }
        for row in table {
            let gap = [" ", "\t", "   "][Int.random(in: 0..<3, using: &random)]
            let end = ["\n", " \n", "\r\n", "\n\n", "\n# between\n"][Int.random(in: 0..<5, using: &random)]
            text += row.map { $0.contains(" ") ? "'\($0)'" : $0 }.joined(separator: gap) + end
        }
        text += "\ndata_third\n\nloop_\n_x\n_y\n5 'a b'\n"
        let file = try STARFile(text: text, file: "made.star")
        let block = try #require(file[block: "second"])
        #expect(file[block: "first"]?.column("one") == ["1"] && file[block: "third"]?.column("y") == ["a b"])
        #expect(block.rowCount == rows)
        for column in 0..<width {
            #expect(block.column("c\(column)") == table.map { $0[column] }, "column \(column)")
        }
        // Of a selection of a selection.
        let even = try block.selecting(rows: Array(stride(from: 0, to: rows, by: 2)))
        let part = try even.selecting(rows: [3, 0, even.rowCount - 1])
        for column in 0..<width {
            #expect(part.column("c\(column)") == [6, 0, 2 * (even.rowCount - 1)].map { table[$0][column] })
        }
        let again = try STARFile(bytes: STARFile(blocks: [part]).encoded(), file: "again")
        for column in 0..<width {
            #expect(again.blocks[0].column("c\(column)") == part.column("c\(column)"))
        }
    }

    @Test func manyOpenQuotesTakeNoTime() throws {
        let line = String(repeating: "'a \"b ", count: 200_000)
        let error = dataError { _ = try STARFile(text: "data_\nloop_\n_a\n_b\n1 2\n" + line, file: "q") }
        #expect(error?.found == "400000" && error?.wanted == "2" && error?.location == .row(2))
    }

    @Test func moreBlocksThanAnyProgramWritesAreRefused() {
        let blocks = String(repeating: "data_\n", count: 70_000)
        #expect(
            dataError { _ = try STARFile(text: blocks, file: "b") }?.problem == "there are too many blocks")
        let labels = (0..<70_000).map { "_l\($0)\n" }.joined()
        let error = dataError { _ = try STARFile(text: "data_\nloop_\n" + labels, file: "l") }
        #expect(error?.problem == "there are too many labels")
    }
}

extension String {
    fileprivate subscript(offset: Int) -> Character { self[index(startIndex, offsetBy: offset)] }
}
