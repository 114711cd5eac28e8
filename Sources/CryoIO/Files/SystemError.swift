#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension DataError {
    /// The operating system refused something; `code` is the `errno` of the failed call.
    static func system(_ code: Int32, file: String, _ problem: String) -> DataError {
        DataError(
            file: file, problem, found: String(cString: strerror(code)), remedy: remedy(for: code, file: file)
        )
    }

    private static func remedy(for code: Int32, file: String) -> String {
        switch code {
        case ENOENT, ENOTDIR: "Check the path; its folder is \(FilePath.folder(of: file))"
        case EACCES, EPERM: "Check the permissions of the file and of its folder \(FilePath.folder(of: file))"
        case EROFS: "The disk is read-only; choose another folder"
        case ENOSPC, EDQUOT: "The disk or the quota is full; free space or choose another disk"
        case EFBIG: "The file is larger than this disk or shell allows; see ulimit -f"
        case EISDIR: "Give the name of a file, not of a folder"
        case EMFILE, ENFILE: "Too many open files; raise the limit with ulimit -n"
        case ENOMEM: "There is not enough memory; close other programs or raise ulimit -v"
        case ENAMETOOLONG: "Choose a shorter file name"
        default: "Check that the disk works and try again"
        }
    }
}

enum FilePath {
    /// The folder that holds `path`; `.` for a bare name.
    static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last part of `path`.
    static func name(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return String(path[path.index(after: slash)...])
    }
}

/// The product of sizes that came from a file, or nil where it does not fit an `Int` or a size is negative.
func checkedProduct(_ factors: Int...) -> Int? {
    var product = 1
    for factor in factors {
        guard factor >= 0 else { return nil }
        let (next, overflow) = product.multipliedReportingOverflow(by: factor)
        if overflow { return nil }
        product = next
    }
    return product
}
