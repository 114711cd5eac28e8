import CryoIO
import Foundation
import TestSupport
import Testing

struct MRCWritingTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: 2...16)
    func mapSurvivesARoundTrip(side: Int) throws {
        var random = SeededGenerator(seed: UInt64(side))
        let size = GridSize(x: side, y: side + 1, z: side / 2)
        let map = DensityMap(
            values: random.normals(size.count), size: size, pixelSize: 1.0625, origin: SIMD3(-12.5, 0.25, 7))
        try map.write(to: folder.file("map.mrc"))
        #expect(try DensityMap.read(folder.file("map.mrc")) == map)
        #expect(try folder.contents() == ["map.mrc"])
        let length = try Data(contentsOf: URL(filePath: folder.file("map.mrc"))).count
        #expect(length == 1024 + 4 * size.count)
    }

    @Test func mapHeaderFollowsMRC2014() throws {
        try DensityMap(cube: [1, 2, 3, 4, 5, 6, 7, 8], side: 2, pixelSize: 1.5).write(
            to: folder.file("map.mrc"))
        let header = try MRCStack(path: folder.file("map.mrc")).header
        #expect(header.mode == .float32 && header.byteOrder == .little && header.spaceGroup == 1)
        #expect(header.intervals == SIMD3(2, 2, 2) && header.cell == SIMD3(3, 3, 3) && header.start == .zero)
        #expect(header.minimum == 1 && header.maximum == 8 && header.mean == 4.5)
        #expect(abs(header.rms - Float(5.25).squareRoot()) < 1e-6)
        let bytes = Array(try Data(contentsOf: URL(filePath: folder.file("map.mrc"))))
        #expect(bytes[208..<216].elementsEqual(Array("MAP ".utf8) + [0x44, 0x44, 0, 0]))
        #expect(bytes[108..<112].elementsEqual([0xac, 0x4e, 0, 0]))
        #expect(bytes[52..<56].elementsEqual([0, 0, 0xb4, 0x42]))
    }

    @Test(arguments: 2...16)
    func stackSurvivesARoundTrip(box: Int) throws {
        var random = SeededGenerator(seed: 7)
        let images = (0..<5).map { _ in random.normals(box * (box + 1)) }
        let path = folder.file("stack.mrcs")
        let writer = try MRCStackWriter(path: path, width: box, height: box + 1, pixelSize: 2.5)
        for image in images { try writer.append(image) }
        #expect(!FileManager.default.fileExists(atPath: path))
        try writer.finish()
        #expect(try folder.contents() == ["stack.mrcs"])
        let stack = try MRCStack(path: path)
        #expect(stack.count == 5 && stack.width == box && stack.height == box + 1)
        #expect(stack.header.spaceGroup == 0 && stack.header.intervals.z == 1)
        #expect(abs((stack.pixelSize ?? 0) - 2.5) < 1e-6)
        for index in images.indices { #expect(try stack.image(index) == images[index]) }
    }

    @Test func stackStatisticsAreThoseOfAllImages() throws {
        var random = SeededGenerator(seed: 3)
        let images = (0..<7).map { index in random.normals(64).map { $0 + Float(1000 * index) } }
        let writer = try MRCStackWriter(path: folder.file("s.mrcs"), width: 8, height: 8, pixelSize: 1)
        for image in images { try writer.append(image) }
        try writer.finish()
        let all = images.joined().map(Double.init)
        let mean = all.reduce(0, +) / Double(all.count)
        let variance = all.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(all.count)
        let header = try MRCStack(path: folder.file("s.mrcs")).header
        #expect(header.minimum == images.joined().min() && header.maximum == images.joined().max())
        #expect(header.mean == Float(mean))
        #expect(abs(Double(header.rms) / variance.squareRoot() - 1) < 1e-6)
    }

    @Test func valuesThatAreNotFiniteMarkStatisticsAsUnknown() throws {
        try DensityMap(cube: [1, .nan, 3, 4, 5, 6, 7, 8], side: 2, pixelSize: 1).write(
            to: folder.file("m.mrc"))
        let header = try MRCStack(path: folder.file("m.mrc")).header
        #expect(header.maximum < header.minimum && header.mean < header.maximum && header.rms < 0)
    }

    @Test func unfinishedStackLeavesNothing() throws {
        do {
            let writer = try MRCStackWriter(path: folder.file("s.mrcs"), width: 2, height: 2, pixelSize: 1)
            try writer.append([1, 2, 3, 4])
            #expect(try folder.contents().count == 1)
        }
        #expect(try folder.contents().isEmpty)
        let empty = try MRCStackWriter(path: folder.file("s.mrcs"), width: 2, height: 2, pixelSize: 1)
        #expect(dataError { try empty.finish() }?.problem == "a stack needs at least one image")
        #expect(try folder.contents().isEmpty)
    }

    @Test func wrongSizesAreRefused() throws {
        let writer = try MRCStackWriter(path: folder.file("s.mrcs"), width: 2, height: 2, pixelSize: 1)
        let error = dataError { try writer.append([1, 2, 3]) }
        #expect(error?.location == .image(0) && error?.found == "3 pixels")
        for size in [(0, 2), (2, -1), (Int(Int32.max) + 1, 1)] {
            let path = folder.file("t.mrcs")
            #expect(
                dataError { _ = try MRCStackWriter(path: path, width: size.0, height: size.1, pixelSize: 1) }
                    != nil)
        }
        var map = DensityMap(cube: [Float](repeating: 0, count: 8), side: 2, pixelSize: 1)
        map.values.removeLast()
        #expect(dataError { try map.write(to: folder.file("m.mrc")) }?.wanted == "8 for 2 x 2 x 2")
        #expect(try folder.contents().count == 1)
    }
}
