import CryoIO

extension ParticleSet {
    /// Writes the rows of this set in the dialect they were read in.
    ///
    /// A STAR file keeps all columns and their text; image names change only where the file goes to another
    /// folder and they would no longer lead to their stacks. A cryoSPARC file keeps all fields and their
    /// bytes; its paths are relative to the cryoSPARC project wherever it lies, and passthrough files are cut
    /// to the same particles beside it, as `NAME_passthrough.cs`. For stacks with cryoDRGN's
    /// pickles the row numbers are written as a pickle, which cryoDRGN takes with `--ind`.
    /// - Throws: `DataError` where the file cannot be written.
    public func write(to path: String) throws(DataError) {
        if case .cryoSPARC(let table) = source {
            try PassthroughFiles(paths: passthrough).write(rowsOf: table, beside: path)
        }
        let target = StackPaths.folder(of: path)
        let paths = StackPaths(file: file, reading: ParticleReading())
        try source.write(
            to: path, images: images, from: stacks.map(\.reference),
            names: stacks.map { paths.rebased($0.reference, path: $0.path, to: target) })
    }
}
