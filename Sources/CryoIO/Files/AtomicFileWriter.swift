#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes a file in pieces under a temporary name beside the target, and renames it when everything is on
/// disk.
///
/// Until `finish` returns, the target is as it was before. After an error, `cancel` or deinit the temporary
/// is gone. A target that is a device or a pipe is written directly, and a symbolic link is followed.
public final class AtomicFileWriter {
    /// The file that will hold the data.
    public let path: String
    /// Bytes written so far.
    public private(set) var count = 0

    private let target: String
    private let temporary: String?
    private var descriptor: Int32

    /// - Throws: `DataError` where the folder is missing or unwritable, or the path is a folder.
    public init(path: String) throws(DataError) {
        self.path = path
        var status = stat()
        let exists = stat(path, &status) == 0
        if exists, status.st_mode & S_IFMT == S_IFDIR {
            throw .system(EISDIR, file: path, "cannot write a file where a folder is")
        }
        if exists, status.st_mode & S_IFMT != S_IFREG {
            target = path
            temporary = nil
            descriptor = systemOpen(path, O_WRONLY)
            if descriptor < 0 { throw .system(errno, file: path, "cannot write to it") }
            return
        }
        target = exists ? Self.resolved(path) : path
        let stem = String(FilePath.name(of: target).prefix(40))
        while true {
            let suffix = String(UInt32.random(in: .min ... .max), radix: 16)
            let candidate = FilePath.folder(of: target) + "/.\(stem).\(suffix).partial"
            let opened = systemOpen(candidate, O_WRONLY | O_CREAT | O_EXCL)
            if opened >= 0 {
                temporary = candidate
                descriptor = opened
                return
            }
            if errno != EEXIST {
                throw .system(errno, file: path, "cannot create a file in \(FilePath.folder(of: target))")
            }
        }
    }

    deinit { cancel() }

    /// Adds bytes at the end.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(DataError) {
        try checkOpen()
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let written = systemWrite(descriptor, rest)
            guard written > 0 else { try fail(written < 0 ? errno : EIO) }
            done += written
        }
        count += done
    }

    /// Adds bytes at the end.
    public func write(_ bytes: [UInt8]) throws(DataError) {
        try bytes.withUnsafeBufferPointer { buffer throws(DataError) in
            try write(UnsafeRawBufferPointer(buffer))
        }
    }

    /// Replaces bytes that were written before, such as a header whose counts are known only at the end.
    public func overwrite(_ bytes: [UInt8], at offset: Int) throws(DataError) {
        try checkOpen()
        precondition(offset >= 0 && offset + bytes.count <= count, "only written bytes can be replaced")
        var done = 0
        while done < bytes.count {
            let written = bytes.withUnsafeBytes { raw in
                systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: raw[done...]), at: offset + done)
            }
            guard written > 0 else { try fail(written < 0 ? errno : EIO) }
            done += written
        }
    }

    /// Brings everything to disk and gives the file its name.
    public func finish() throws(DataError) {
        try checkOpen()
        guard let temporary else {
            let code = close(descriptor) == 0 ? 0 : errno
            descriptor = -1
            if code != 0 { throw .system(code, file: path, "cannot write to it") }
            return
        }
        guard fsync(descriptor) == 0 else { try fail(errno) }
        let closed = close(descriptor)
        descriptor = -1
        guard closed == 0, rename(temporary, target) == 0 else {
            let code = errno
            unlink(temporary)
            throw .system(code, file: path, "cannot put the finished file in its place")
        }
        syncFolder()
    }

    /// Gives up: closes and removes the temporary. Does nothing after `finish`.
    public func cancel() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
        if let temporary { unlink(temporary) }
    }

    private func checkOpen() throws(DataError) {
        if descriptor < 0 {
            throw DataError(
                file: path, "the file was already finished or given up", remedy: "Start a new one")
        }
    }

    private func fail(_ code: Int32) throws(DataError) -> Never {
        cancel()
        throw .system(code, file: path, "cannot write the file, nothing is kept")
    }

    /// Makes the new name itself last through a power cut. Some file systems cannot, and the data are safe
    /// anyway.
    private func syncFolder() {
        let folder = systemOpen(FilePath.folder(of: target), O_RDONLY)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }
}
