#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Opening and reading whole files.
enum FileBytes {
    /// Opens an existing file for reading and gives its descriptor and status. Folders are refused here,
    /// since opening one succeeds and only reading fails.
    static func open(_ path: String) throws(DataError) -> (descriptor: Int32, status: stat) {
        let descriptor = systemOpen(path, O_RDONLY)
        guard descriptor >= 0 else { throw .system(errno, file: path, "cannot open the file") }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw .system(code, file: path, "cannot read the file's size")
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw .system(EISDIR, file: path, "cannot read a folder as a file")
        }
        return (descriptor, status)
    }

    /// All bytes of a file, pipe or device.
    static func read(_ path: String) throws(DataError) -> [UInt8] {
        let (descriptor, status) = try open(path)
        defer { close(descriptor) }
        let size = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0
        var failure: Int32 = 0
        var bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let all = UnsafeMutableRawBufferPointer(buffer)
                let rest = UnsafeMutableRawBufferPointer(rebasing: all[count...])
                let read = systemRead(descriptor, rest)
                if read < 0 { failure = errno }
                if read <= 0 { return }
                count += read
            }
        }
        if failure != 0 { throw .system(failure, file: path, "cannot read the file") }
        // What has no size of its own, or grew since it was asked for.
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = piece.withUnsafeMutableBytes { systemRead(descriptor, $0) }
            if count < 0 { throw .system(errno, file: path, "cannot read the file") }
            if count == 0 { return bytes }
            bytes.append(contentsOf: piece[..<count])
        }
    }
}
