/// How a particle file is to be read where the file alone does not decide.
public struct ParticleReading: Sendable, Equatable, Codable {
    /// Folders that image paths are relative to, looked into before any other place, in this order.
    public var dataFolders: [String]
    /// Leading part of image paths that is taken off before they are looked up.
    public var stripPrefix: String?
    /// Angstrom per pixel, in place of what the file says.
    public var pixelSize: Double?
    /// cryoSPARC files that hold the fields which the particle file lacks, joined by `uid`.
    public var passthrough: [String]
    /// cryoDRGN's pickles of a stack: poses, CTF table, and the rows to take.
    public var poses: String?
    public var ctf: String?
    public var indices: String?

    public init(
        dataFolders: [String] = [], stripPrefix: String? = nil, pixelSize: Double? = nil,
        passthrough: [String] = [], poses: String? = nil, ctf: String? = nil, indices: String? = nil
    ) {
        self.dataFolders = dataFolders
        self.stripPrefix = stripPrefix
        self.pixelSize = pixelSize
        self.passthrough = passthrough
        self.poses = poses
        self.ctf = ctf
        self.indices = indices
    }

    /// The same with files and folders as absolute paths, which hold in any current folder.
    public var absolute: ParticleReading {
        var copy = self
        copy.dataFolders = dataFolders.map(StackPaths.absolute)
        copy.passthrough = passthrough.map(StackPaths.absolute)
        copy.poses = poses.map(StackPaths.absolute)
        copy.ctf = ctf.map(StackPaths.absolute)
        copy.indices = indices.map(StackPaths.absolute)
        return copy
    }
}
