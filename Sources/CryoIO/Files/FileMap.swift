#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file mapped into memory for reading; the mapping goes away with the last reference.
///
/// The descriptor is closed at once, so that sets of many thousand stacks stay below the limit of open files.
/// Sendable is unchecked because of the pointer: the memory is never written and lives as long as the object.
final class FileMap: @unchecked Sendable {
    let path: String
    /// Every byte of the file as it was when it was opened.
    let bytes: UnsafeRawBufferPointer
    private let isMapped: Bool

    /// - Throws: `DataError` where the file is missing, unreadable, empty, a folder or a device.
    init(path: String) throws(DataError) {
        let (descriptor, status) = try FileBytes.open(path)
        defer { close(descriptor) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw DataError(
                file: path, "cannot map the file into memory", found: "a device or pipe",
                wanted: "a regular file", remedy: "Save the data to disk first")
        }
        let length = Int(status.st_size)
        guard length > 0 else {
            throw DataError(
                file: path, "the file is empty", found: "0 bytes", remedy: "Copy or make it again")
        }
        guard let base = mmap(nil, length, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            throw .system(errno, file: path, "cannot map the file into memory")
        }
        self.path = path
        bytes = UnsafeRawBufferPointer(start: base, count: length)
        isMapped = true
    }

    /// A copy of bytes that are in memory already.
    /// - Parameter path: the name that errors give.
    init(copying source: [UInt8], path: String) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 16)
        copy.copyBytes(from: source)
        bytes = UnsafeRawBufferPointer(copy)
        self.path = path
        isMapped = false
    }

    /// Asks the system to read a part of the file soon; returns at once.
    func prefetch(_ range: Range<Int>) {
        guard isMapped, let base = bytes.baseAddress else { return }
        let page = Int(getpagesize())
        let first = range.lowerBound / page * page
        madvise(UnsafeMutableRawPointer(mutating: base + first), range.upperBound - first, MADV_WILLNEED)
    }

    deinit {
        if isMapped {
            munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        } else {
            bytes.deallocate()
        }
    }
}
