extension DensityMap {
    /// Reads an MRC or CCP4 map of any mode, byte order and axis order into `[z][y][x]`.
    ///
    /// The origin is ORIGIN or, where that is zero, NXSTART, NYSTART, NZSTART times the voxel size.
    /// - Throws: `DataError` where the file is missing, not MRC, truncated, holds several maps or voxels that
    ///   are not cubic.
    public static func read(_ path: String) throws(DataError) -> DensityMap {
        try decoded(try FileMap(path: path))
    }

    /// The map of a file's bytes.
    static func decoded(_ map: FileMap) throws(DataError) -> DensityMap {
        let path = map.path
        let header = try MRCHeader(fileBytes: map.bytes, file: path)
        if header.spaceGroup >= 401, header.intervals.z > 0, header.intervals.z != header.sections {
            throw DataError(
                file: path, at: .byte(88), "the file holds several maps",
                found: "\(header.sections) sections in maps of \(header.intervals.z)", wanted: "one map",
                remedy: "Write each map to a file of its own")
        }
        let pixelSize = try cubicVoxel(header, file: path)
        var values = [Float](repeating: 0, count: header.valuesPerSection * header.sections)
        let stored = UnsafeRawBufferPointer(rebasing: map.bytes[header.dataOffset...])
        values.withUnsafeMutableBufferPointer {
            MRCDecoder.decode(stored, mode: header.mode, byteOrder: header.byteOrder, into: $0)
        }
        var extent = SIMD3<Int>.zero
        var start = SIMD3<Double>.zero
        for (place, count) in [header.columns, header.rows, header.sections].enumerated() {
            extent[header.axes[place]] = count
            start[header.axes[place]] = Double(header.start[place])
        }
        let size = GridSize(x: extent.x, y: extent.y, z: extent.z)
        if header.axes != SIMD3(0, 1, 2) { values = reordered(values, header: header, size: size) }
        let hasOrigin = header.origin != .zero
        return DensityMap(
            values: values, size: size, pixelSize: pixelSize,
            origin: hasOrigin ? header.origin : start * pixelSize)
    }

    /// Writes an MRC2014 map: mode 2, ISPG 1, little-endian, with statistics.
    /// - Throws: `DataError` where the file cannot be written; nothing is left behind.
    public func write(to path: String) throws(DataError) {
        guard values.count == size.count else {
            throw DataError(
                file: path, "the map does not have one value a voxel", found: "\(values.count) values",
                wanted: "\(size.count) for \(size)", remedy: "Set values and size together")
        }
        var header = MRCHeader.map(size: size, pixelSize: pixelSize, origin: origin)
        try values.withUnsafeBufferPointer { values throws(DataError) in
            var statistics = ValueStatistics()
            statistics.add(values)
            header.set(statistics)
            let encoded = try header.encoded(file: path)
            let file = try AtomicFileWriter(path: path)
            try file.write(encoded)
            try values.withLittleEndianBytes { bytes throws(DataError) in try file.write(bytes) }
            try file.finish()
        }
    }

    /// One voxel size for the three axes. A thousandth of difference is rounding of the cell by the program
    /// that wrote the file; more would distort what is built on the map.
    private static func cubicVoxel(_ header: MRCHeader, file: String) throws(DataError) -> Double {
        let voxel = header.voxelSize
        guard voxel.min() > 0 else { return voxel.x }
        guard voxel.max() - voxel.min() <= 1e-3 * voxel.max() else {
            throw DataError(
                file: file, at: .byte(40), "the voxels are not cubic", found: "\(voxel) A",
                wanted: "one size for x, y and z", remedy: "Resample the map to cubic voxels")
        }
        return voxel.x
    }

    /// Values stored `[section][row][column]` as `[z][y][x]`.
    private static func reordered(_ values: [Float], header: MRCHeader, size: GridSize) -> [Float] {
        let strides = [1, size.x, size.x * size.y]
        let (column, row, section) = (strides[header.axes.x], strides[header.axes.y], strides[header.axes.z])
        var result = values
        var source = 0
        for s in 0..<header.sections {
            for r in 0..<header.rows {
                for c in 0..<header.columns {
                    result[s * section + r * row + c * column] = values[source]
                    source += 1
                }
            }
        }
        return result
    }
}
