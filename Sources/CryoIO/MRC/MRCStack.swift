/// The images of an `.mrc` or `.mrcs` file, memory-mapped: opening reads the header only.
///
/// Modes 0, 1, 2, 6 and 12, both byte orders, extended headers. Any thread may read.
public final class MRCStack: Sendable {
    public let header: MRCHeader
    public var path: String { map.path }
    /// Number of images.
    public var count: Int { header.sections }
    /// Pixels along x.
    public var width: Int { header.columns }
    /// Pixels along y.
    public var height: Int { header.rows }
    /// Angstrom per pixel, or nil where the header does not say. RELION takes it from the STAR file instead.
    public var pixelSize: Double? { header.voxelSize.x > 0 ? header.voxelSize.x : nil }

    private let map: FileMap

    /// - Throws: `DataError` where the file is missing, not MRC, truncated, or of a mode that cannot be read.
    public convenience init(path: String) throws(DataError) {
        try self.init(try FileMap(path: path))
    }

    init(_ map: FileMap) throws(DataError) {
        self.map = map
        header = try MRCHeader(fileBytes: map.bytes, file: map.path)
        guard header.axes == SIMD3(0, 1, 2) else {
            throw DataError(
                file: map.path, at: .byte(64), "the images of this stack are stored with exchanged axes",
                found: "MAPC, MAPR, MAPS "
                    + (0..<3).map { "\(header.axes[$0] + 1)" }.joined(separator: ", "), wanted: "1, 2, 3",
                remedy: "Convert the stack to the usual axis order")
        }
    }

    /// Reads image `index` (from 0) as `[height][width]`, x fastest.
    /// - Throws: `DataError` where there is no such image or the buffer does not have `width * height`
    ///   values.
    public func read(_ index: Int, into buffer: UnsafeMutableBufferPointer<Float>) throws(DataError) {
        guard 0..<count ~= index else {
            throw DataError(
                file: path, at: .image(index), "there is no such image in the stack",
                wanted: "0 to \(count - 1)", remedy: "Check that the STAR file and the stack belong together")
        }
        guard buffer.count == header.valuesPerSection else {
            throw DataError(
                file: path, at: .image(index), "the image does not have the expected size",
                found: "\(width) x \(height) pixels", wanted: "\(buffer.count) pixels in all",
                remedy: "Use stacks of one box size")
        }
        let first = header.dataOffset + index * header.bytesPerSection
        let stored = UnsafeRawBufferPointer(rebasing: map.bytes[first..<first + header.bytesPerSection])
        MRCDecoder.decode(stored, mode: header.mode, byteOrder: header.byteOrder, into: buffer)
    }

    /// Asks the system to read these images from the disk soon; returns at once.
    public func prefetch(_ images: Range<Int>) {
        let known = images.clamped(to: 0..<count)
        guard !known.isEmpty else { return }
        let first = header.dataOffset + known.lowerBound * header.bytesPerSection
        map.prefetch(first..<first + known.count * header.bytesPerSection)
    }

    /// Image `index` (from 0) as `[height][width]`, x fastest.
    public func image(_ index: Int) throws(DataError) -> [Float] {
        var values = [Float](repeating: 0, count: header.valuesPerSection)
        try values.withUnsafeMutableBufferPointer { buffer throws(DataError) in try read(index, into: buffer)
        }
        return values
    }
}
