import CryoIO
import TestSupport
import Testing

struct MRCBadInputTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A good file of 4 x 3 x 2 floats.
    var good: MRCBytes {
        var file = MRCBytes(columns: 4, rows: 3, sections: 2, cell: [4, 3, 2])
        file.data = file.encoded(Array(1...24))
        return file
    }

    func error(_ bytes: [UInt8]) throws -> DataError {
        let path = try folder.write(bytes, as: "bad.mrcs")
        let stackError = try #require(dataError { _ = try MRCStack(path: path) })
        let mapError = try #require(dataError { _ = try DensityMap.read(path) })
        #expect(stackError == mapError)
        #expect(stackError.file == path && stackError.remedy != nil)
        return stackError
    }

    @Test(arguments: [0, 1, 1023, 1024, 1024 + 47, 1024 + 48, 1024 + 95])
    func truncatedFilesAreRefused(length: Int) throws {
        let error = try error(Array(good.bytes.prefix(length)))
        #expect(error.description.contains("\(length) bytes"))
        if length >= 1024 { #expect(error.problem.contains("\((length - 1024) / 48) of 2 sections")) }
    }

    @Test func fileOfExactLengthOrMoreIsRead() throws {
        #expect(try MRCStack(path: folder.write(good.bytes, as: "exact.mrcs")).count == 2)
        #expect(try MRCStack(path: folder.write(good.bytes + [1, 2, 3], as: "more.mrcs")).count == 2)
    }

    @Test(arguments: [
        (Int(Int32.max), Int(Int32.max), Int(Int32.max)), (65536, 65536, 65536), (4, 3, 1_000_000),
    ])
    func sizesBeyondTheFileAreRefused(size: (Int, Int, Int)) throws {
        var file = good
        (file.columns, file.rows, file.sections) = size
        _ = try error(file.bytes)
    }

    @Test(arguments: [(0, 3, 2), (-4, 3, 2), (4, 3, -1)])
    func impossibleSizesAreRefused(size: (Int, Int, Int)) throws {
        var file = good
        (file.columns, file.rows, file.sections) = size
        #expect(try error(file.bytes).problem.contains("impossible size"))
    }

    @Test(arguments: [3, 4, 5, 101, -1])
    func otherModesAreRefused(mode: Int) throws {
        var file = good
        file.mode = mode
        #expect(try error(file.bytes).found == "mode \(mode)")
    }

    @Test func extendedHeaderBeyondTheFileIsRefused() throws {
        var bytes = good.bytes
        bytes.replaceSubrange(92..<96, with: [0xff, 0xff, 0xff, 0x7f])
        #expect(try error(bytes).problem.contains("truncated (0 of 2"))
        bytes.replaceSubrange(92..<96, with: [0xff, 0xff, 0xff, 0xff])
        #expect(try error(bytes).found == "-1 bytes")
    }

    @Test func otherFilesAreRefused() throws {
        #expect(try error([UInt8](repeating: 0x41, count: 4000)).problem == "this is not an MRC file")
        #expect(try error([UInt8](repeating: 0, count: 4000)).problem == "this is not an MRC file")
    }

    @Test func impossibleAxesAreRefused() throws {
        var file = good
        file.axes = [1, 1, 3]
        #expect(try error(file.bytes).location == .byte(64))
        file.axes = [0, 0, 0]
        #expect(
            try DensityMap.read(folder.write(file.bytes, as: "old.mrc")).values == (1...24).map { Float($0) })
        file.axes = [2, 1, 3]
        let path = try folder.write(file.bytes, as: "turned.mrcs")
        #expect(dataError { _ = try MRCStack(path: path) }?.problem.contains("exchanged axes") == true)
    }

    @Test func voxelsThatAreNotCubicAreRefused() throws {
        var file = good
        file.cell = [4, 3, 4]
        let path = try folder.write(file.bytes, as: "flat.mrc")
        #expect(dataError { _ = try DensityMap.read(path) }?.problem == "the voxels are not cubic")
    }

    @Test func stackOfMapsIsNoMap() throws {
        var file = good
        file.spaceGroup = 401
        file.intervals = [4, 3, 1]
        file.cell = [4, 3, 1]
        let path = try folder.write(file.bytes, as: "maps.mrc")
        #expect(dataError { _ = try DensityMap.read(path) }?.problem == "the file holds several maps")
    }

    @Test func missingFileAndFolderAreNamed() throws {
        let missing = try #require(dataError { _ = try MRCStack(path: "/nowhere/at/all.mrcs") })
        #expect(missing.file == "/nowhere/at/all.mrcs" && missing.remedy?.contains("/nowhere/at") == true)
        #expect(
            dataError { _ = try DensityMap.read(folder.path) }?.problem == "cannot read a folder as a file")
        #expect(dataError { _ = try DensityMap.read("/dev/zero") }?.wanted == "a regular file")
    }

    @Test func imageOutsideTheStackIsRefused() throws {
        let stack = try MRCStack(path: folder.write(good.bytes, as: "stack.mrcs"))
        for index in [-1, 2, Int.max] {
            let error = dataError { _ = try stack.image(index) }
            #expect(error?.location == .image(index) && error?.wanted == "0 to 1")
        }
        var small = [Float](repeating: 0, count: 11)
        let error = dataError { try small.withUnsafeMutableBufferPointer { try stack.read(0, into: $0) } }
        #expect(error?.wanted == "11 pixels in all")
    }
}
