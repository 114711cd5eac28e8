/// The number of voxels of a map along x, y and z.
public struct GridSize: Sendable, Equatable, Hashable, CustomStringConvertible {
    public var x: Int
    public var y: Int
    public var z: Int

    public init(x: Int, y: Int, z: Int) {
        self.x = x
        self.y = y
        self.z = z
    }

    /// A cube.
    public init(side: Int) { self.init(x: side, y: side, z: side) }

    /// All voxels.
    public var count: Int { x * y * z }

    public var description: String { "\(x) x \(y) x \(z)" }
}
