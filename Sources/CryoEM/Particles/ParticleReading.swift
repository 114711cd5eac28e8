/// How a particle file is to be read where the file alone does not decide.
public struct ParticleReading: Sendable {
    /// Folder that image paths are relative to, looked into before the STAR file's own folder and the current
    /// one.
    public var dataFolder: String?
    /// Leading part of image paths that is taken off before they are looked up.
    public var stripPrefix: String?
    /// Angstrom per pixel, in place of what the file says.
    public var pixelSize: Double?

    public init(dataFolder: String? = nil, stripPrefix: String? = nil, pixelSize: Double? = nil) {
        self.dataFolder = dataFolder
        self.stripPrefix = stripPrefix
        self.pixelSize = pixelSize
    }
}
