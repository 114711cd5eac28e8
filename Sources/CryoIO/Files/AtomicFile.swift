/// Whole files that appear complete or not at all.
public enum AtomicFile {
    /// Writes `bytes` under a temporary name beside `path` and renames it.
    /// - Throws: `DataError` where the folder is missing or unwritable or the disk is full; nothing is left
    ///   behind.
    public static func write(_ bytes: some Collection<UInt8>, to path: String) throws(DataError) {
        let writer = try AtomicFileWriter(path: path)
        try writer.write(Array(bytes))
        try writer.finish()
    }

    /// Writes text as UTF-8.
    public static func write(text: String, to path: String) throws(DataError) {
        try write(Array(text.utf8), to: path)
    }
}
