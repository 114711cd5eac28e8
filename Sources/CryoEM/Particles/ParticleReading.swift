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

    public init(
        dataFolders: [String] = [], stripPrefix: String? = nil, pixelSize: Double? = nil,
        passthrough: [String] = []
    ) {
        self.dataFolders = dataFolders
        self.stripPrefix = stripPrefix
        self.pixelSize = pixelSize
        self.passthrough = passthrough
    }

    /// The same with files and folders as absolute paths, which hold in any current folder.
    public var absolute: ParticleReading {
        var copy = self
        copy.dataFolders = dataFolders.map(StackPaths.absolute)
        copy.passthrough = passthrough.map(StackPaths.absolute)
        return copy
    }
}
