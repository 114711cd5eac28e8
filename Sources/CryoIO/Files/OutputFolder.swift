#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A folder that files are written to.
public enum OutputFolder {
    /// Makes the folder, and those above it, where it is missing.
    /// - Throws: `DataError` where it cannot be made or written to.
    public static func create(_ path: String) throws(DataError) {
        // A bare file name lies in the current folder.
        let path = path.isEmpty ? "." : path
        try make(path, for: path)
        guard access(path, W_OK | X_OK) == 0 else {
            throw refused(errno, path, "the folder cannot be written to")
        }
    }

    /// - Parameter path: the folder that is wanted in the end, named in errors.
    private static func make(_ folder: String, for path: String) throws(DataError) {
        var status = stat()
        if stat(folder, &status) == 0 {
            if status.st_mode & S_IFMT == S_IFDIR { return }
            throw DataError(
                file: path, "the folder cannot be made", found: "\(folder), which is a file",
                wanted: "a folder", remedy: remedy)
        }
        let parent = FilePath.folder(of: folder)
        if parent != folder { try make(parent, for: path) }
        guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
            throw refused(errno, path, "the folder cannot be made")
        }
    }

    private static let remedy = "Give a folder that you may write to"

    private static func refused(_ code: Int32, _ path: String, _ problem: String) -> DataError {
        var error = DataError.system(code, file: path, problem)
        if [EACCES, EPERM, EROFS, ENOENT, ENOTDIR].contains(code) { error.remedy = remedy }
        return error
    }
}
