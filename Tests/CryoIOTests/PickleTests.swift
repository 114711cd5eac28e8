import CryoIO
import Foundation
import TestSupport
import Testing

@Suite struct PickleTests {
    private func values() throws -> [String: [[Double]]] {
        let data = try Data(contentsOf: URL(filePath: GoldenFile.path("pickles.json")))
        return try JSONDecoder().decode([String: [[Double]]].self, from: data)
    }

    @Test(arguments: ["poses", "ctf", "rows", "list", "numbers"], 2...5)
    func arraysOfAllProtocolsAreThoseOfPython(_ name: String, _ version: Int) throws {
        let arrays = try Pickle.read(GoldenFile.path("\(name).\(version).pkl"))
        #expect(arrays.map { $0.doubles() } == (try values()[name]))
        let shapes = ["poses": [[4, 3, 3], [4, 2]], "ctf": [[4, 9]], "rows": [[3]], "numbers": [[3]]]
        if let shape = shapes[name] { #expect(arrays.map(\.shape) == shape) }
    }

    @Test(arguments: [
        ("evil.pkl", "builtins.print"), ("ordered.2.pkl", "collections.OrderedDict"),
        ("ordered.4.pkl", "collections.OrderedDict"), ("objects.pkl", "O8"),
    ])
    func anythingButArraysIsRefusedByName(_ file: String, _ name: String) throws {
        let error = dataError { _ = try Pickle.read(GoldenFile.path(file)) }
        #expect(error?.description.contains(name) == true, "\(String(describing: error))")
        #expect(error?.location != nil && error?.remedy != nil)
    }

    @Test func textIsNoPickle() {
        let error = dataError { _ = try Pickle.arrays(bytes: Array("data_\n".utf8), file: "a.pkl") }
        #expect(error?.file == "a.pkl" && error?.problem == "this is not a binary pickle")
    }

    @Test func nestedTuplesAndLongStacksAreRefused() {
        let tuples = [0x80, 4, 0x29] + [UInt8](repeating: 0x85, count: 1_000_000) + [0x2e]
        let nested = dataError { _ = try Pickle.arrays(bytes: tuples, file: "t") }
        #expect(nested?.problem.contains("many") == true)
        let stack = [0x80, 4] + [UInt8](repeating: 0x4e, count: 1_000_000) + [0x2e]
        let long = dataError { _ = try Pickle.arrays(bytes: stack, file: "t") }
        #expect(long?.problem.contains("many") == true)
    }

    /// Protocol 4 of Python lists: `K`, `M`, `J` and `8a` for numbers of one, two, four and more bytes.
    @Test func listsKeepNumbersOfEveryWidth() throws {
        func number(_ value: Int) -> [UInt8] {
            func little(_ count: Int) -> [UInt8] {
                (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            }
            if 0...255 ~= value { return [0x4b] + little(1) }
            if 0...65535 ~= value { return [0x4d] + little(2) }
            return Int32(exactly: value) != nil ? [0x4a] + little(4) : [0x8a, 8] + little(8)
        }
        func list(_ values: [Int]) throws -> NPYArray {
            let bytes = [0x80, 4, 0x5d, 0x94, 0x28] + values.flatMap(number) + [0x65, 0x2e]
            return try #require(try Pickle.arrays(bytes: bytes, file: "list").first)
        }
        for values in [
            [], [7], [0, 255], [3, 300, 255, 65535], [1, -1], [70000, 5], [2, 1 << 40, -1, .min, .max],
            Array(stride(from: -300, through: 100_000, by: 7)),
        ] {
            let array = try list(values)
            #expect(try array.integers() == values && array.shape == [values.count])
        }
        #expect(try list([0, 255]).element == .uint8 && list([0, -1]).element == .int32)
        let mixed = dataError { _ = try list(Array(repeating: 1, count: 40_000) + [1 << 40]) }
        #expect(mixed?.problem.contains("many small numbers and a large one") == true)
    }

    @Test func everyCutOffFileIsRefused() throws {
        for version in 2...5 {
            let bytes = try GoldenFile.bytes("poses.\(version).pkl")
            for count in 0..<bytes.count {
                let error = dataError { _ = try Pickle.arrays(bytes: Array(bytes[..<count]), file: "cut") }
                #expect(error?.file == "cut")
            }
        }
    }

    @Test func writtenRowsAreReadBack() throws {
        let folder = try TemporaryFolder()
        let rows = [3, 0, 70000, -1, 1 << 40]
        try Pickle.write(integers: rows, to: folder.file("ind.pkl"))
        let again = try Pickle.read(folder.file("ind.pkl"))
        #expect(again.count == 1 && again[0].shape == [5] && again[0].element == .int64)
        #expect(try again[0].integers() == rows)
    }

    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
    func filesOfCryoDRGNAreRead() throws {
        let shapes = [
            "hand_rot_trans.pkl": [[100, 3, 3], [100, 2]], "test_ctf.100.pkl": [[100, 9]],
            "toy_angles.pkl": [[1000, 3, 3]],
        ]
        for (name, shape) in shapes {
            let path = try #require(SharedData.path("formats/" + name))
            #expect(try Pickle.read(path).map(\.shape) == shape)
        }
    }
}
