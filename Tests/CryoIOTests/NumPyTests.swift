import CryoIO
import Foundation
import TestSupport
import Testing

struct NumPyTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func golden(_ name: String) throws -> NPYArray { try NPYArray.read(GoldenFile.path(name + ".npy")) }

    @Test func everyElementTypeOfNumPyIsRead() throws {
        let floats = try golden("f4_little")
        #expect(floats.shape == [2, 3] && floats.element == .float32)
        #expect(floats.floats() == [-1, -0.5, 0, 0.5, 1, 1.5])
        #expect(floats.doubles() == [-1, -0.5, 0, 0.5, 1, 1.5])
        let doubles = try golden("f8_big")
        #expect(doubles.element == .float64 && doubles.doubles() == [-2, -1, 0, 1, 2, 3].map { $0 * 0.1 })
        #expect(try golden("i4_big").integers() == [-2, -1, 0, 1, 2, 3])
        #expect(try golden("i8_little").integers() == [-2, -1, 0, 1, 2, 3].map { $0 * 1_000_000_000_000 })
        #expect(try golden("u1").integers() == [0, 1, 2, 3, 4, 5])
        #expect(try golden("bool").bools() == [false, false, false, true, true, true])
    }

    @Test func fortranOrderBecomesCOrder() throws {
        let array = try golden("f4_fortran")
        #expect(array.shape == [2, 3, 4] && array.floats() == (0..<24).map { Float($0) })
        #expect(try golden("f8_big_fortran").doubles() == [-2, -1, 0, 1, 2, 3])
    }

    @Test func scalarsEmptyArraysAndLaterVersionsAreRead() throws {
        let scalar = try golden("scalar")
        #expect(scalar.shape == [] && scalar.floats() == [1.5])
        let empty = try golden("empty")
        #expect(empty.shape == [0, 3] && empty.count == 0)
        #expect(try golden("version2").floats() == [0, 1, 2])
    }

    @Test func writtenArraysAreByteEqualToNumPys() throws {
        for name in ["f4_little", "i8_little", "u1", "bool", "scalar", "empty", "vector"] {
            let path = folder.file(name + ".npy")
            try golden(name).write(to: path)
            #expect(
                try Array(Data(contentsOf: URL(filePath: path))) == GoldenFile.bytes(name + ".npy"), "\(name)"
            )
        }
    }

    @Test func valuesSurviveARoundTrip() throws {
        let arrays = [
            try NPYArray(shape: [2, 2], floats: [1, -0.0, .infinity, Float.leastNonzeroMagnitude]),
            try NPYArray(shape: [3], doubles: [.pi, -1e300, Double.leastNonzeroMagnitude]),
            try NPYArray(shape: [2], int32: [.min, .max]),
            try NPYArray(shape: [1, 1, 2], integers: [.min, .max]),
            try NPYArray(shape: [3], uint8: [0, 128, 255]),
            try NPYArray(shape: [2], bools: [true, false]),
        ]
        for array in arrays {
            try array.write(to: folder.file("a.npy"))
            #expect(try NPYArray.read(folder.file("a.npy")) == array)
        }
        #expect(dataError { _ = try NPYArray(shape: [2, 3], floats: [1]) }?.wanted == "shape [2, 3]")
        #expect(dataError { _ = try arrays[1].integers() }?.wanted == "whole numbers")
    }

    @Test func arraysThatCannotBeReadAreNamed() throws {
        let structured = dataError { _ = try golden("structured") }
        #expect(structured?.problem.contains("named fields") == true && structured?.remedy != nil)
        #expect(dataError { _ = try golden("complex") }?.found == "'<c8'")
        let whole = try GoldenFile.bytes("f4_little.npy")
        for length in [0, 5, 9, 20, 127, 128, 151] {
            let path = try folder.write(Array(whole.prefix(length)), as: "cut.npy")
            #expect(dataError { _ = try NPYArray.read(path) }?.file == path)
        }
        var endless = Array(String(decoding: whole[10..<128], as: UTF8.self).utf8)
        let shape = try #require(endless.firstRange(of: Array("(2, 3), }         ".utf8)))
        endless.replaceSubrange(shape, with: Array("(9999999999, 99), }".utf8.prefix(18)))
        let path = try folder.write(Array(whole[..<10]) + endless, as: "endless.npy")
        #expect(dataError { _ = try NPYArray.read(path) } != nil)
    }
}
