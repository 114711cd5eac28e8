/// A density on a regular grid of cubic voxels.
public struct DensityMap: Sendable, Equatable {
    /// `[z][y][x]`, x fastest.
    public var values: [Float]
    public var size: GridSize
    /// Angstrom per voxel; 0 where a file does not say.
    public var pixelSize: Double
    /// Position of voxel (0, 0, 0) along x, y, z in Angstrom.
    public var origin: SIMD3<Double>

    /// - Precondition: `values` has one value a voxel.
    public init(values: [Float], size: GridSize, pixelSize: Double, origin: SIMD3<Double> = .zero) {
        precondition(values.count == size.count, "\(values.count) values for a map of \(size) voxels")
        self.values = values
        self.size = size
        self.pixelSize = pixelSize
        self.origin = origin
    }

    /// A cubic map of `side` voxels along each axis.
    public init(cube values: [Float], side: Int, pixelSize: Double, origin: SIMD3<Double> = .zero) {
        self.init(values: values, size: GridSize(side: side), pixelSize: pixelSize, origin: origin)
    }

    public var isCube: Bool { size.x == size.y && size.y == size.z }

    /// Voxels along x, which for a cube is the box size.
    public var side: Int { size.x }
}
