extension MRCHeader {
    /// Reads and checks the header of a file. Sizes are held against the file's length here, so that what
    /// follows may use them without a check.
    /// - Parameter bytes: the whole file.
    init(fileBytes bytes: UnsafeRawBufferPointer, file: String) throws(DataError) {
        guard bytes.count >= Self.length else {
            throw DataError(
                file: file, "the file is too short for an MRC header", found: "\(bytes.count) bytes",
                wanted: "at least \(Self.length)", remedy: "Copy or make it again")
        }
        let fields = Fields(bytes: bytes, order: Self.byteOrder(of: bytes))
        try self.init(fields: fields, file: file)
        try checkLength(bytes.count, file: file)
    }

    private init(fields: Fields, file: String) throws(DataError) {
        guard fields.isPlausible || fields.hasMapMark else {
            throw DataError(
                file: file, at: .byte(208), "this is not an MRC file",
                found: "no MAP mark, sizes \(fields.sizeText), mode \(fields.rawMode)",
                remedy: "Give an .mrc or .mrcs file")
        }
        guard let mode = Mode(rawValue: fields.rawMode) else {
            throw DataError(
                file: file, at: .byte(12), "this MRC mode cannot be read", found: "mode \(fields.rawMode)",
                wanted: "mode 0, 1, 2, 6 or 12", remedy: "Convert the file to mode 2 (32-bit float)")
        }
        guard fields.sizes.min() > 0 else {
            throw DataError(
                file: file, at: .byte(0), "the header has an impossible size", found: fields.sizeText,
                wanted: "three positive numbers", remedy: "Copy or make it again")
        }
        let extended = fields.integer(92)
        guard extended >= 0 else {
            throw DataError(
                file: file, at: .byte(92), "the extended header has an impossible length",
                found: "\(extended) bytes", wanted: "0 or more", remedy: "Copy or make it again")
        }
        columns = fields.sizes.x
        rows = fields.sizes.y
        sections = fields.sizes.z
        self.mode = mode
        byteOrder = fields.order
        start = fields.integers(16)
        intervals = fields.integers(28)
        cell = fields.reals(40)
        axes = try fields.axes(file: file)
        minimum = fields.real(76)
        maximum = fields.real(80)
        mean = fields.real(84)
        rms = fields.real(216)
        spaceGroup = fields.integer(88)
        extendedHeaderBytes = extended
        extendedHeaderType = extended > 0 ? fields.text(104, 4) : ""
        origin = fields.reals(196)
        labels = (0..<min(max(fields.integer(220), 0), 10)).map { fields.text(224 + 80 * $0, 80) }
    }

    private func checkLength(_ length: Int, file: String) throws(DataError) {
        let data = checkedProduct(columns, rows, sections, mode.bytesPerValue)
        guard let data, case let needed = data.addingReportingOverflow(dataOffset), !needed.overflow else {
            throw DataError(
                file: file, at: .byte(0), "the header has an impossible size",
                found: "\(columns) x \(rows) x \(sections)", remedy: "Copy or make it again")
        }
        guard length >= needed.partialValue else {
            let whole = max(0, length - dataOffset) / bytesPerSection
            throw DataError(
                file: file, at: .byte(length),
                "the file is truncated (\(whole) of \(sections) sections are whole)",
                found: "\(length) bytes",
                wanted:
                    "\(needed.partialValue) for \(columns) x \(rows) x \(sections), mode \(mode.rawValue)",
                remedy: "Copy or make it again")
        }
    }

    /// The order in which the header makes most sense. The machine stamp decides between equals; files
    /// without a stamp, or with a wrong one, are recognised by their mode and sizes.
    private static func byteOrder(of bytes: UnsafeRawBufferPointer) -> ByteOrder {
        let little = Fields(bytes: bytes, order: .little)
        let big = Fields(bytes: bytes, order: .big)
        if little.plausibility == big.plausibility {
            return bytes[212] == 0x11 && bytes[213] == 0x11 ? .big : .little
        }
        return little.plausibility > big.plausibility ? .little : .big
    }

    /// The numbers of a header under one assumed byte order.
    private struct Fields {
        let bytes: UnsafeRawBufferPointer
        let order: ByteOrder

        func word(_ offset: Int) -> UInt32 {
            let raw = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            return order == .little ? UInt32(littleEndian: raw) : UInt32(bigEndian: raw)
        }

        func integer(_ offset: Int) -> Int { Int(Int32(bitPattern: word(offset))) }
        func real(_ offset: Int) -> Float { Float(bitPattern: word(offset)) }

        func integers(_ offset: Int) -> SIMD3<Int> {
            SIMD3(integer(offset), integer(offset + 4), integer(offset + 8))
        }

        func reals(_ offset: Int) -> SIMD3<Double> {
            SIMD3(Double(real(offset)), Double(real(offset + 4)), Double(real(offset + 8)))
        }

        func text(_ offset: Int, _ count: Int) -> String {
            let field = bytes[offset..<offset + count].prefix { $0 != 0 }
            let last = field.lastIndex { $0 != UInt8(ascii: " ") }
            return last.map { String(decoding: field[...$0], as: UTF8.self) } ?? ""
        }

        var sizes: SIMD3<Int> { integers(0) }
        var sizeText: String { "\(sizes.x) x \(sizes.y) x \(sizes.z)" }
        var rawMode: Int { integer(12) }
        var hasMapMark: Bool { bytes[208..<211].elementsEqual("MAP".utf8) }
        var isPlausible: Bool { plausibility == 2 }

        /// 0: unknown mode or impossible sizes; 1: possible; 2: possible and the file is long enough.
        var plausibility: Int {
            guard let mode = Mode(rawValue: rawMode), sizes.min() > 0, integer(92) >= 0 else { return 0 }
            let data = checkedProduct(sizes.x, sizes.y, sizes.z, mode.bytesPerValue)
            guard let data, data <= bytes.count - MRCHeader.length - min(integer(92), bytes.count) else {
                return 1
            }
            return 2
        }

        /// MAPC, MAPR, MAPS less one. Old programs leave zeros, which mean x, y, z.
        func axes(file: String) throws(DataError) -> SIMD3<Int> {
            let stored = integers(64)
            if stored == .zero { return SIMD3(0, 1, 2) }
            guard [stored.x, stored.y, stored.z].sorted() == [1, 2, 3] else {
                throw DataError(
                    file: file, at: .byte(64), "the axis order MAPC, MAPR, MAPS is impossible",
                    found: "\(stored)",
                    wanted: "1, 2 and 3 in some order",
                    remedy: "Convert the file with a program that wrote it")
            }
            return stored &- SIMD3(1, 1, 1)
        }
    }
}
