import Foundation
import TestSupport
import Testing

@testable import CryoIO

struct NPZTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func archiveOfNumPyIsRead() throws {
        let archive = try NPZ.read(GoldenFile.path("stored.npz"))
        #expect(archive.names == ["latent", "labels", "mask"])
        #expect(archive["latent"]?.floats() == [-1, -0.5, 0, 0.5, 1, 1.5])
        #expect(try archive.required("labels", file: "stored.npz").shape == [2, 3])
        #expect(dataError { _ = try archive.required("other", file: "stored.npz") }?.wanted == "other")
    }

    @Test func fieldsOf64BitsAreReadAndWritten() throws {
        let archive = try NPZ.read(GoldenFile.path("wide.npz"))
        #expect(archive.names == ["latent", "labels"] && archive["latent"]?.floats().last == 1.5)
        var writer = try ZipWriter(path: folder.file("wide.npz"), wide: 10)
        for name in archive.names { try writer.add(name + ".npy", try #require(archive[name]).encoded()) }
        try writer.finish()
        let bytes = try Data(contentsOf: URL(filePath: folder.file("wide.npz")))
        // The marks of the 64-bit end record and of its locator.
        #expect(
            bytes.range(of: Data([0x50, 0x4b, 6, 6])) != nil
                && bytes.range(of: Data([0x50, 0x4b, 6, 7])) != nil)
        #expect(try NPZ.read(folder.file("wide.npz")) == archive)
    }

    @Test func compressedArchiveIsRefusedWithTheRemedy() throws {
        let error = dataError { _ = try NPZ.read(GoldenFile.path("compressed.npz")) }
        #expect(error?.remedy == "Save it with numpy.savez, not numpy.savez_compressed")
    }

    @Test func arraysSurviveARoundTripInOrder() throws {
        var archive = NPZ()
        archive["z"] = try NPYArray(shape: [2], floats: [1, 2])
        archive["état"] = try NPYArray(shape: [1], integers: [7])
        archive["gone"] = try NPYArray(shape: [], doubles: [1])
        archive["gone"] = nil
        archive["z"] = try NPYArray(shape: [1], floats: [3])
        try archive.write(to: folder.file("a.npz"))
        let again = try NPZ.read(folder.file("a.npz"))
        #expect(again == archive && again.names == ["z", "état"])
        try archive.write(to: folder.file("b.npz"))
        let first = try Data(contentsOf: URL(filePath: folder.file("a.npz")))
        #expect(try first == Data(contentsOf: URL(filePath: folder.file("b.npz"))))
        try NPZ().write(to: folder.file("empty.npz"))
        #expect(try NPZ.read(folder.file("empty.npz")).names.isEmpty)
    }

    @Test func truncationsAndChangedBytesNeverTrap() throws {
        for name in ["stored.npz", "wide.npz"] { try survivesDamage(GoldenFile.bytes(name)) }
    }

    func survivesDamage(_ whole: [UInt8]) throws {
        for length in stride(from: 0, to: whole.count, by: 7) {
            let path = try folder.write(Array(whole.prefix(length)), as: "cut.npz")
            #expect(dataError { _ = try NPZ.read(path) } != nil)
        }
        // Reading may succeed where the byte means nothing, such as a time; it must never trap.
        for place in whole.indices {
            var damaged = whole
            damaged[place] = ~whole[place]
            let path = try folder.write(damaged, as: "damaged.npz")
            _ = dataError { _ = try NPZ.read(path) }
        }
    }

    @Test func wrongChecksumIsFound() throws {
        var bytes = try GoldenFile.bytes("stored.npz")
        let values = try #require(bytes.firstRange(of: try GoldenFile.bytes("f4_little.npy").suffix(24)))
        bytes[values.lowerBound] ^= 1
        let path = try folder.write(bytes, as: "damaged.npz")
        #expect(dataError { _ = try NPZ.read(path) }?.found == "wrong checksum of latent.npy")
    }
}
