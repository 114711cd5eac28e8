/// Writes a stack of images of 32-bit floats one by one; the file appears under its name with `finish`.
///
/// Owns an unfinished temporary file, which goes away with the object.
public final class MRCStackWriter {
    public let width: Int
    public let height: Int
    public let pixelSize: Double
    /// Images written so far.
    public private(set) var count = 0

    private let file: AtomicFileWriter
    private var statistics = ValueStatistics()

    /// - Parameter pixelSize: Angstrom per pixel; 0 where it is not known.
    /// - Throws: `DataError` where the size is impossible or the file cannot be created.
    public init(path: String, width: Int, height: Int, pixelSize: Double) throws(DataError) {
        let header = MRCHeader.stack(width: width, height: height, count: 1, pixelSize: pixelSize)
        let bytes = try header.encoded(file: path)
        self.width = width
        self.height = height
        self.pixelSize = pixelSize
        file = try AtomicFileWriter(path: path)
        try file.write(bytes)
    }

    /// Adds one image, `[height][width]`, x fastest.
    public func append(_ image: [Float]) throws(DataError) {
        try image.withUnsafeBufferPointer { values throws(DataError) in try append(values) }
    }

    /// Adds one image, `[height][width]`, x fastest.
    public func append(_ image: UnsafeBufferPointer<Float>) throws(DataError) {
        guard image.count == width * height else {
            throw DataError(
                file: file.path, at: .image(count), "the image does not have the size of the stack",
                found: "\(image.count) pixels", wanted: "\(width) x \(height)",
                remedy: "Use images of one box size")
        }
        try image.withLittleEndianBytes { bytes throws(DataError) in try file.write(bytes) }
        statistics.add(image)
        count += 1
    }

    /// Enters the number of images and their statistics, and gives the file its name.
    public func finish() throws(DataError) {
        guard count > 0 else {
            file.cancel()
            throw DataError(
                file: file.path, "a stack needs at least one image", found: "0", remedy: "Check the selection"
            )
        }
        var header = MRCHeader.stack(width: width, height: height, count: count, pixelSize: pixelSize)
        header.set(statistics)
        do throws(DataError) {
            try file.overwrite(try header.encoded(file: file.path), at: 0)
            try file.finish()
        } catch {
            file.cancel()
            throw error
        }
    }

    /// Gives up; nothing stays on disk.
    public func cancel() { file.cancel() }
}

extension UnsafeBufferPointer<Float> {
    /// The values as the bytes that go into a file; a copy is made only where the machine is big-endian.
    func withLittleEndianBytes(
        _ body: (UnsafeRawBufferPointer) throws(DataError) -> Void
    ) throws(DataError) {
        #if _endian(little)
            try body(UnsafeRawBufferPointer(self))
        #else
            let swapped = map { $0.bitPattern.littleEndian }
            try swapped.withUnsafeBufferPointer { raw throws(DataError) in
                try body(UnsafeRawBufferPointer(raw))
            }
        #endif
    }
}
