import Foundation

/// Writes 8-bit PNG pictures, gray or of up to 256 colours (PNG specification, third edition).
///
/// The pixel data stand in stored (uncompressed) deflate blocks: valid for every reader, and no compression
/// library is needed. Pictures in the report are small.
enum PNG {
    /// - Parameters:
    ///   - pixels: `[height, width]`, row 0 at the top, 0 black and 255 white; with colours their numbers.
    ///   - colours: red, green and blue of each colour, three bytes; none for a gray picture.
    static func encode(pixels: [UInt8], width: Int, height: Int, colours: [UInt8] = []) -> [UInt8] {
        precondition(width > 0 && height > 0 && pixels.count == width * height)
        precondition(colours.isEmpty || colours.count == 3 * 256)
        var scanlines: [UInt8] = []
        scanlines.reserveCapacity(height * (width + 1))
        for row in 0..<height {
            scanlines.append(0)  // filter "none"
            scanlines += pixels[(row * width)..<((row + 1) * width)]
        }
        let header =
            bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, colours.isEmpty ? 0 : 3, 0, 0, 0]
        let palette = colours.isEmpty ? [] : chunk("PLTE", colours)
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", header) + palette + chunk("IDAT", zlibStored(scanlines)) + chunk("IEND", [])
    }

    /// The picture as the address of an `img` element.
    static func dataURI(pixels: [UInt8], width: Int, height: Int, colours: [UInt8] = []) -> String {
        let bytes = encode(pixels: pixels, width: width, height: height, colours: colours)
        return "data:image/png;base64," + Data(bytes).base64EncodedString()
    }

    /// Length, type, data and the CRC of type and data.
    private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + data
        return bigEndian(UInt32(data.count)) + body + bigEndian(crc32(body))
    }

    /// A zlib stream (RFC 1950) of stored deflate blocks (RFC 1951, 3.2.4), at most 65,535 bytes each.
    private static func zlibStored(_ data: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        stream.reserveCapacity(data.count + 5 * (data.count / 65_535 + 1) + 6)
        var start = 0
        repeat {
            let end = min(start + 65_535, data.count)
            let length = UInt16(end - start)
            stream.append(end == data.count ? 1 : 0)
            stream += [UInt8(length & 0xFF), UInt8(length >> 8), UInt8(~length & 0xFF), UInt8(~length >> 8)]
            stream += data[start..<end]
            start = end
        } while start < data.count
        return stream + bigEndian(adler32(data))
    }

    /// CRC-32 with the polynomial of PNG and zip (reflected 0xEDB88320).
    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc = crcTable[Int((crc ^ UInt32(byte)) & 0xFF)] ^ (crc >> 8)
        }
        return ~crc
    }

    /// Adler-32 of RFC 1950. The sums stay below 2^32 for 5,552 bytes, so the remainder is taken that rarely.
    static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var low: UInt32 = 1
        var high: UInt32 = 0
        var start = 0
        while start < bytes.count {
            let end = min(start + 5_552, bytes.count)
            for index in start..<end {
                low += UInt32(bytes[index])
                high += low
            }
            low %= 65_521
            high %= 65_521
            start = end
        }
        return high << 16 | low
    }

    private static let crcTable: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
        }
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        [UInt8(value >> 24), UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
    }
}
