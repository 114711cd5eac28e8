import CryoIO
import Foundation
import TestSupport
import Testing

struct AtomicFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func text(_ name: String) throws -> String {
        try String(contentsOfFile: folder.file(name), encoding: .utf8)
    }

    @Test func fileAppearsOnlyWhenItIsFinished() throws {
        try AtomicFile.write(text: "old", to: folder.file("a.txt"))
        let writer = try AtomicFileWriter(path: folder.file("a.txt"))
        try writer.write(Array("new text".utf8))
        try writer.overwrite(Array("N".utf8), at: 0)
        #expect(try text("a.txt") == "old")
        try writer.finish()
        #expect(try text("a.txt") == "New text")
        #expect(try folder.contents() == ["a.txt"])
        #expect(dataError { try writer.write([1]) }?.problem.contains("already finished") == true)
    }

    @Test func givenUpFileLeavesTheOldOne() throws {
        try AtomicFile.write([UInt8]("old".utf8), to: folder.file("a.txt"))
        do {
            let writer = try AtomicFileWriter(path: folder.file("a.txt"))
            try writer.write(Array("half".utf8))
        }
        let writer = try AtomicFileWriter(path: folder.file("a.txt"))
        writer.cancel()
        #expect(dataError { try writer.finish() } != nil)
        #expect(try text("a.txt") == "old" && folder.contents() == ["a.txt"])
    }

    @Test func symbolicLinkIsFollowed() throws {
        try AtomicFile.write(text: "old", to: folder.file("real.txt"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link.txt"), withDestinationPath: folder.file("real.txt"))
        try AtomicFile.write(text: "new", to: folder.file("link.txt"))
        #expect(try text("real.txt") == "new")
        #expect(try folder.contents() == ["link.txt", "real.txt"])
    }

    @Test func missingFolderIsNamed() throws {
        let path = folder.file("no/such/a.star")
        let error = try #require(dataError { try AtomicFile.write([1], to: path) })
        #expect(error.file == path && error.remedy?.contains(folder.file("no/such")) == true)
        #expect(dataError { try AtomicFile.write([1], to: folder.path) }?.problem.contains("folder") == true)
        let inFile = try folder.write([1], as: "file") + "/a.star"
        #expect(dataError { try AtomicFile.write([1], to: inFile) } != nil)
    }

    @Test func unwritableFolderIsNamed() throws {
        // Nobody, root included, may create files in /proc.
        let error = try #require(dataError { try AtomicFile.write([1], to: "/proc/a.star") })
        #expect(error.problem == "cannot create a file in /proc" && error.remedy != nil)
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
    func readOnlyFolderIsNamed() throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path)
        defer {
            try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        }
        let error = dataError { try AtomicFile.write([1], to: folder.file("a.star")) }
        #expect(error?.remedy?.contains("permissions") == true)
    }

    @Test func fullDiskIsAnErrorOfEveryWriter() throws {
        let full = "/dev/full"
        let block = try STARFile(text: "data_\nloop_\n_a\n1\n", file: "text")
        let errors = [
            dataError { try AtomicFile.write([1, 2, 3], to: full) },
            dataError { try DensityMap(cube: [1], side: 1, pixelSize: 1).write(to: full) },
            dataError { try block.write(to: full) },
            dataError { try NPYArray(shape: [1], floats: [1]).write(to: full) },
            dataError { try NPZ().write(to: full) },
            dataError { _ = try MRCStackWriter(path: full, width: 2, height: 2, pixelSize: 1) },
        ]
        for error in errors {
            #expect(error?.file == full && error?.remedy?.contains("disk or the quota is full") == true)
        }
        #expect(FileManager.default.fileExists(atPath: full))
    }

    @Test func lostFolderLeavesAnErrorAtTheEnd() throws {
        let inner = folder.file("inner")
        try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: false)
        let writer = try AtomicFileWriter(path: inner + "/a.bin")
        try writer.write([1, 2, 3])
        try FileManager.default.removeItem(atPath: inner)
        #expect(dataError { try writer.finish() }?.problem == "cannot put the finished file in its place")
    }

    @Test func bytesOfAFileCannotMoveTheCursor() {
        let error = DataError(file: "a\u{1b}[2J", "no", found: "'\0\u{7}\n\u{9b}é'")
        #expect(error.description == "a\\u{1b}[2J: no; found '\\u{0}\\u{7}\\u{a}\\u{9b}é'.")
    }

    @Test func messageHasFilePlaceFoundWantedAndRemedy() {
        let error = DataError(
            file: "a.star", at: .row(12), "wrong number of values", found: "3", wanted: "4",
            remedy: "Correct the line")
        #expect(
            error.description
                == "a.star, row 12: wrong number of values; found 3, wanted 4. Correct the line.")
        #expect(DataError(file: nil, "no").description == "no.")
        #expect(
            DataError(file: "b", at: .byte(8), "bad", wanted: "x").description == "b, byte 8: bad; wanted x.")
    }
}
