import CryoIO
import TestSupport
import Testing

/// One way to store values: every mode in both byte orders.
struct Storage: Sendable, CustomTestStringConvertible {
    var mode: Int
    var isBig: Bool
    var testDescription: String { "mode \(mode), \(isBig ? "big" : "little")-endian" }

    static let all = [0, 1, 2, 6, 12].flatMap {
        [Storage(mode: $0, isBig: false), Storage(mode: $0, isBig: true)]
    }

    /// Whole numbers that the mode holds exactly, with its extremes.
    func values(_ count: Int) -> [Int] {
        let range =
            switch mode {
            case 0: -128...127
            case 1: -32768...32767
            case 6: 0...65535
            default: -2048...2048
            }
        let step = max(1, range.count / 7 | 1)
        return (0..<count).map { index in
            index == 0
                ? range.lowerBound
                : index == 1 ? range.upperBound : range.lowerBound + index * step % range.count
        }
    }
}

struct MRCReadingTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: Storage.all)
    func everyModeAndByteOrderIsReadInBoxes2To16(storage: Storage) throws {
        for box in 2...16 {
            var file = MRCBytes(
                columns: box, rows: box + 1, sections: 3, mode: storage.mode, isBig: storage.isBig,
                cell: [Float(box) * 1.5, Float(box + 1) * 1.5, 4.5])
            let values = storage.values(box * (box + 1) * 3)
            file.data = file.encoded(values)
            let stack = try MRCStack(path: folder.write(file.bytes, as: "stack.mrcs"))
            #expect(stack.width == box && stack.height == box + 1 && stack.count == 3)
            #expect(abs((stack.pixelSize ?? 0) - 1.5) < 1e-6)
            for index in 0..<3 {
                let wanted = values[index * box * (box + 1)..<(index + 1) * box * (box + 1)].map { Float($0) }
                #expect(try stack.image(index) == wanted)
            }
            let map = try DensityMap.read(stack.path)
            #expect(map.values == values.map { Float($0) } && map.size == GridSize(x: box, y: box + 1, z: 3))
        }
    }

    @Test(arguments: Storage.all)
    func byteOrderIsFoundWithoutAndAgainstTheMachineStamp(storage: Storage) throws {
        let stamps: [[UInt8]] = [[0, 0, 0, 0], storage.isBig ? [0x44, 0x44, 0, 0] : [0x11, 0x11, 0, 0]]
        for stamp in stamps {
            var file = MRCBytes(columns: 5, rows: 4, sections: 2, mode: storage.mode, isBig: storage.isBig)
            let values = storage.values(40)
            file.data = file.encoded(values)
            file.stamp = stamp
            let map = try DensityMap.read(folder.write(file.bytes, as: "map.mrc"))
            #expect(map.values == values.map { Float($0) })
        }
    }

    @Test(arguments: [1, 80, 1024, 4097])
    func extendedHeadersAreSkipped(length: Int) throws {
        var file = MRCBytes(columns: 3, rows: 2, sections: 2)
        file.extendedHeader = [UInt8](repeating: 0x7f, count: length)
        file.data = file.encoded(Array(1...12))
        let stack = try MRCStack(path: folder.write(file.bytes, as: "stack.mrcs"))
        #expect(stack.header.extendedHeaderBytes == length)
        #expect(try stack.image(1) == [7, 8, 9, 10, 11, 12])
    }

    @Test func halfFloatsAreExact() throws {
        let halves: [UInt16] = [
            0x0000, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x0400, 0x03ff, 0x0001, 0x8001, 0x7c00, 0xfc00,
        ]
        var file = MRCBytes(columns: halves.count, mode: 12)
        file.data = halves.flatMap { file.ordered($0) }
        let image = try MRCStack(path: folder.write(file.bytes, as: "half.mrc")).image(0)
        let wanted: [Float] = [
            0, -0.0, 1, -2, 65504, 0x1p-14, 0x1.ff8p-15, 0x1p-24, -0x1p-24, .infinity, -.infinity,
        ]
        #expect(image.map(\.bitPattern) == wanted.map(\.bitPattern))

        file.data = Array(file.ordered(UInt16(0x7e00)))
        file.columns = 1
        #expect(try MRCStack(path: folder.write(file.bytes, as: "nan.mrc")).image(0)[0].isNaN)
    }

    @Test(arguments: [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]])
    func axisOrderIsHonoured(axes: [Int]) throws {
        let size = [2, 3, 4]
        let stored = axes.map { size[$0 - 1] }
        var file = MRCBytes(columns: stored[0], rows: stored[1], sections: stored[2], intervals: size)
        file.axes = axes
        file.cell = [2, 3, 4].map { $0 * 1.25 }
        file.start = axes.map { 10 * $0 }
        var values: [Int] = []
        for section in 0..<stored[2] {
            for row in 0..<stored[1] {
                for column in 0..<stored[0] {
                    var place = [0, 0, 0]
                    for (axis, index) in zip(axes, [column, row, section]) { place[axis - 1] = index }
                    values.append(place[0] + 10 * place[1] + 100 * place[2])
                }
            }
        }
        file.data = file.encoded(values)
        let map = try DensityMap.read(folder.write(file.bytes, as: "map.mrc"))
        #expect(map.size == GridSize(x: 2, y: 3, z: 4))
        #expect(map.origin == SIMD3(12.5, 25, 37.5))
        for z in 0..<4 {
            for y in 0..<3 {
                for x in 0..<2 { #expect(map.values[(z * 3 + y) * 2 + x] == Float(x + 10 * y + 100 * z)) }
            }
        }
    }

    @Test func originFieldWinsOverStart() throws {
        var file = MRCBytes(columns: 2, rows: 2, sections: 2, cell: [4, 4, 4])
        file.data = file.encoded(Array(1...8))
        file.start = [5, 5, 5]
        file.origin = [-1.5, 2, 3.25]
        #expect(try DensityMap.read(folder.write(file.bytes, as: "a.mrc")).origin == SIMD3(-1.5, 2, 3.25))
    }

    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
    func realFilesAreRead() throws {
        let path = try #require(SharedData.path("formats"))
        let particles = try MRCStack(path: path + "/empiar_10076_7.mrc")
        #expect(particles.width == 320 && particles.height == 320 && particles.count == 7)
        let stack = try MRCStack(path: path + "/relion31.mrcs")
        #expect(stack.width == 256 && stack.count == 5)
        for index in 0..<5 { #expect(try stack.image(index).allSatisfy(\.isFinite)) }
        let map = try DensityMap.read(path + "/hand-vol.mrc")
        #expect(map.isCube && map.side == 64)
    }
}
