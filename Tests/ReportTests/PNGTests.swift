import Testing

@testable import Report

/// Reads what `PNG` writes by the text of the specification, with nothing of the writer in it.
private struct PNGReader {
    var width = 0
    var height = 0
    var header: [UInt8] = []
    var pixels: [UInt8] = []
    var palette: [UInt8] = []

    struct Fault: Error { var problem: String }

    init(_ file: [UInt8]) throws {
        guard Array(file.prefix(8)) == [137, 80, 78, 71, 13, 10, 26, 10] else {
            throw Fault(problem: "signature")
        }
        var names: [String] = []
        var stream: [UInt8] = []
        var place = 8
        while place < file.count {
            let length = Self.number(file[place..<(place + 4)])
            let body = Array(file[(place + 4)..<(place + 8 + length)])
            let crc = Self.number(file[(place + 8 + length)..<(place + 12 + length)])
            guard Self.remainder(of: body) == crc else { throw Fault(problem: "CRC") }
            let name = String(decoding: body.prefix(4), as: UTF8.self)
            names.append(name)
            if name == "IHDR" { header = Array(body.dropFirst(4)) }
            if name == "PLTE" { palette = Array(body.dropFirst(4)) }
            if name == "IDAT" { stream += body.dropFirst(4) }
            place += 12 + length
        }
        guard names.first == "IHDR", names.last == "IEND", header.count == 13 else {
            throw Fault(problem: "chunks \(names)")
        }
        width = Self.number(header[0..<4])
        height = Self.number(header[4..<8])
        let lines = try Self.inflateStored(stream)
        guard lines.count == height * (width + 1) else { throw Fault(problem: "\(lines.count) bytes") }
        for row in 0..<height {
            guard lines[row * (width + 1)] == 0 else { throw Fault(problem: "filter") }
            pixels += lines[(row * (width + 1) + 1)..<((row + 1) * (width + 1))]
        }
    }

    static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

    /// CRC as a long division, bit by bit.
    static func remainder(of bytes: [UInt8]) -> Int {
        var register: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            for bit in 0..<8 {
                let top = (register ^ UInt32(byte >> bit)) & 1
                register >>= 1
                if top == 1 { register ^= 0xEDB8_8320 }
            }
        }
        return Int(register ^ 0xFFFF_FFFF)
    }

    static func inflateStored(_ stream: [UInt8]) throws -> [UInt8] {
        guard stream[0] & 0x0F == 8, (Int(stream[0]) * 256 + Int(stream[1])) % 31 == 0 else {
            throw Fault(problem: "zlib header")
        }
        var data: [UInt8] = []
        var place = 2
        var isLast = false
        while !isLast {
            guard stream[place] <= 1 else { throw Fault(problem: "block type") }
            isLast = stream[place] == 1
            let length = Int(stream[place + 1]) | Int(stream[place + 2]) << 8
            let complement = Int(stream[place + 3]) | Int(stream[place + 4]) << 8
            guard length ^ complement == 0xFFFF else { throw Fault(problem: "length") }
            data += stream[(place + 5)..<(place + 5 + length)]
            place += 5 + length
        }
        var (low, high) = (1, 0)
        for byte in data {
            low = (low + Int(byte)) % 65_521
            high = (high + low) % 65_521
        }
        guard number(stream[place...]) == high << 16 | low else { throw Fault(problem: "Adler-32") }
        return data
    }
}

@Suite struct PNGTests {
    @Test(arguments: [(1, 1), (3, 2), (2, 7), (64, 64), (300, 301)])
    func everyPixelIsReadBack(width: Int, height: Int) throws {
        let pixels = (0..<(width * height)).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 5) }
        let reader = try PNGReader(PNG.encode(pixels: pixels, width: width, height: height))
        #expect((reader.width, reader.height) == (width, height))
        #expect(Array(reader.header[8...]) == [8, 0, 0, 0, 0])
        #expect(reader.pixels == pixels)
    }

    @Test func coloursStandBeforeThePixels() throws {
        let pixels = (0..<12).map { UInt8(20 * $0) }
        let file = PNG.encode(pixels: pixels, width: 4, height: 3, colours: Palette.change)
        let reader = try PNGReader(file)
        #expect(Array(reader.header[8...]) == [8, 3, 0, 0, 0])
        #expect(reader.pixels == pixels && reader.palette == Palette.change)
        #expect(try PNGReader(PNG.encode(pixels: pixels, width: 4, height: 3)).palette.isEmpty)
        // Less is blue, more is red, nothing is pale.
        let (less, none, more) = (Palette.change[0..<3], Palette.change[381..<384], Palette.change[765..<768])
        #expect(less.last! > less.first! && more.first! > more.last!)
        #expect(none.allSatisfy { $0 > 240 })
    }

    /// Check values of the CRC catalogue and of RFC 1950.
    @Test func checksumsHaveTheirPublishedValues() {
        #expect(PNG.crc32(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(PNG.adler32(Array("Wikipedia".utf8)) == 0x11E6_0398)
        #expect(PNG.crc32([]) == 0)
        #expect(PNG.adler32([]) == 1)
    }

    @Test func adlerSumsDoNotOverflow() {
        let bytes = [UInt8](repeating: 255, count: 200_000)
        var (low, high) = (1, 0)
        for byte in bytes {
            low = (low + Int(byte)) % 65_521
            high = (high + low) % 65_521
        }
        #expect(PNG.adler32(bytes) == UInt32(high << 16 | low))
    }
}
