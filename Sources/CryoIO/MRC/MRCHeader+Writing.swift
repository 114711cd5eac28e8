extension MRCHeader {
    /// The header of a map of 32-bit floats: ISPG 1, one interval a voxel.
    static func map(size: GridSize, pixelSize: Double, origin: SIMD3<Double>) -> MRCHeader {
        MRCHeader(
            columns: size.x, rows: size.y, sections: size.z, pixelSize: pixelSize,
            intervals: SIMD3(size.x, size.y, size.z), origin: origin, spaceGroup: 1)
    }

    /// The header of a stack of images of 32-bit floats: ISPG 0 and MZ 1, as MRC2014 tells image stacks from
    /// maps.
    static func stack(width: Int, height: Int, count: Int, pixelSize: Double) -> MRCHeader {
        MRCHeader(
            columns: width, rows: height, sections: count, pixelSize: pixelSize,
            intervals: SIMD3(width, height, 1), origin: .zero, spaceGroup: 0)
    }

    private init(
        columns: Int, rows: Int, sections: Int, pixelSize: Double, intervals: SIMD3<Int>,
        origin: SIMD3<Double>,
        spaceGroup: Int
    ) {
        self.columns = columns
        self.rows = rows
        self.sections = sections
        mode = .float32
        byteOrder = .little
        start = .zero
        self.intervals = intervals
        cell = SIMD3(Double(intervals.x), Double(intervals.y), Double(intervals.z)) * pixelSize
        axes = SIMD3(0, 1, 2)
        // MRC2014 marks statistics that nobody computed by maximum < minimum, mean < both and rms < 0.
        minimum = 0
        maximum = -1
        mean = -2
        rms = -1
        self.spaceGroup = spaceGroup
        extendedHeaderBytes = 0
        extendedHeaderType = ""
        self.origin = origin
        labels = ["Written by CryoIO"]
    }

    /// The 1024 bytes of this header in its byte order.
    /// - Throws: `DataError` where a size does not fit the 32 bits that the format has for it.
    func encoded(file: String) throws(DataError) -> [UInt8] {
        let sizes = [columns, rows, sections, intervals.x, intervals.y, intervals.z]
        guard sizes.allSatisfy({ 0 < $0 && $0 <= Int(Int32.max) }) else {
            throw DataError(
                file: file, "an MRC header cannot hold this size",
                found: "\(columns) x \(rows) x \(sections)",
                wanted: "1 to \(Int32.max) along each axis", remedy: "Write fewer or smaller images")
        }
        var bytes = [UInt8](repeating: 0, count: Self.length)
        func put(_ word: UInt32, _ offset: Int) {
            for place in 0..<4 {
                let shift = 8 * (byteOrder == .little ? place : 3 - place)
                bytes[offset + place] = UInt8(truncatingIfNeeded: word >> UInt32(shift))
            }
        }
        func put(_ integer: Int, _ offset: Int) { put(UInt32(truncatingIfNeeded: integer), offset) }
        func put(_ real: Float, _ offset: Int) { put(real.bitPattern, offset) }

        for (index, value) in [columns, rows, sections, mode.rawValue].enumerated() { put(value, 4 * index) }
        for axis in 0..<3 {
            put(start[axis], 16 + 4 * axis)
            put(intervals[axis], 28 + 4 * axis)
            put(Float(cell[axis]), 40 + 4 * axis)
            put(Float(90), 52 + 4 * axis)
            put(axes[axis] + 1, 64 + 4 * axis)
            put(Float(origin[axis]), 196 + 4 * axis)
        }
        for (index, value) in [minimum, maximum, mean].enumerated() { put(value, 76 + 4 * index) }
        put(spaceGroup, 88)
        put(extendedHeaderBytes, 92)
        bytes.replaceSubrange(104..<108, with: Self.padded(extendedHeaderType, to: 4))
        put(20140, 108)
        bytes.replaceSubrange(208..<212, with: Array("MAP ".utf8))
        bytes.replaceSubrange(212..<214, with: byteOrder == .little ? [0x44, 0x44] : [0x11, 0x11])
        put(rms, 216)
        put(min(labels.count, 10), 220)
        for (index, label) in labels.prefix(10).enumerated() {
            bytes.replaceSubrange(224 + 80 * index..<304 + 80 * index, with: Self.padded(label, to: 80))
        }
        return bytes
    }

    private static func padded(_ text: String, to count: Int) -> [UInt8] {
        let used = Array(text.utf8.prefix(count))
        return used + [UInt8](repeating: used.isEmpty ? 0 : UInt8(ascii: " "), count: count - used.count)
    }
}
