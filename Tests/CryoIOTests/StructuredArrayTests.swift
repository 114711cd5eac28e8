import Foundation
import TestSupport
import Testing

@testable import CryoIO

@Suite struct StructuredArrayTests {
    private func table() throws -> StructuredArray {
        try StructuredArray(path: try GoldenFile.path("fields.npy"))
    }

    @Test func fieldsOfEveryKindAreThoseOfNumPy() throws {
        let table = try table()
        #expect(table.rowCount == 3)
        #expect(table.names == ["uid", "path", "name", "half", "big", "pose", "grid", "flag", "small"])
        #expect(try table.unsigned("uid") == [.max, 1, 2])
        #expect(try table.strings("path") == ["a.mrc", "bb.mrc", ""])
        #expect(try table.strings("name") == ["ä", "four", ""])
        #expect(try table.doubles("half") == [1.5, -2, 65504])
        #expect(try table.doubles("big") == [.pi, -1e300, 0])
        #expect(try table.doubles("pose") == (0..<9).map { Double($0) / 4 })
        #expect(try table.doubles("grid") == (-6..<6).map(Double.init))
        #expect(table["grid"]?.shape == [2, 2] && table["pose"]?.valuesPerRow == 3)
        #expect(try table.doubles("flag") == [1, 0, 1] && table.doubles("small") == [-128, 0, 127])
    }

    @Test func aWholeTableIsWrittenByteForByte() throws {
        #expect(try table().encoded() == GoldenFile.bytes("fields.npy"))
        #expect(try table().selecting(rows: [0, 1, 2]).encoded() == GoldenFile.bytes("fields.npy"))
    }

    @Test func selectionsKeepTypesAndValues() throws {
        let table = try table()
        for rows in [[2], [], [1, 1, 0], Array(repeating: 2, count: 100_000)] {
            let part = try table.selecting(rows: rows)
            let again = try StructuredArray(bytes: part.encoded(), file: "part.cs")
            #expect(again.fields == table.fields && again.rowCount == rows.count)
            let uids = try table.unsigned("uid")
            #expect(try again.unsigned("uid") == rows.map { uids[$0] })
            #expect(again.start % 64 == 0)
        }
        #expect(dataError { _ = try table.selecting(rows: [3]) }?.location == .row(4))
    }

    @Test func wrongFieldsAndCutOffTablesAreNamed() throws {
        let table = try table()
        #expect(dataError { _ = try table.doubles("missing") }?.wanted == "missing")
        #expect(dataError { _ = try table.doubles("path") }?.problem.contains("path") == true)
        #expect(dataError { _ = try table.strings("uid") }?.wanted == "text")
        let bytes = table.encoded()
        for count in 0..<bytes.count {
            let error = dataError { _ = try StructuredArray(bytes: Array(bytes[..<count]), file: "cut.cs") }
            #expect(error?.file == "cut.cs")
        }
    }

    @Test func aPlainArrayIsNoTable() throws {
        let path = try GoldenFile.path("vector.npy")
        let error = dataError { _ = try StructuredArray(path: path) }
        #expect(error?.problem == "this is not a table of records")
    }
}
