import CryoIO

/// A map that the report draws surfaces of: densities in 255 steps, the part of the box that matters.
public struct ReportVolume: Sendable {
    /// What it is: "reconstruction", "decoded".
    public var name: String
    /// Voxels along x, y, z.
    public var size: GridSize
    /// Angstrom.
    public var voxel: Double
    /// [z][y][x]; 0 is `low` and below, 255 `high` and above.
    public var steps: [UInt8]
    public var low: Float
    public var high: Float
    /// The density to begin with.
    public var level: Float

    /// Densities below zero, which no surface is drawn at, share the lowest step.
    public init(_ map: DensityMap, name: String) {
        self.name = name
        (size, voxel) = (map.size, map.pixelSize)
        let finite = map.values.filter(\.isFinite).sorted()
        let bright = Percentile.value(0.999, ofSorted: finite) ?? 1
        low = min(0, bright)
        high = max(finite.last ?? 1, low + 1e-6)
        level = 0.3 * bright
        let scale = 255 / (high - low)
        let least = low
        steps = map.values.map { value in
            value.isFinite ? UInt8(max(0, min(255, ((value - least) * scale).rounded()))) : 0
        }
    }
}
