import CryoEM
import CryoIO
import Foundation

/// A map on its way to the page: where it lies, which levels make sense, and its densities.
struct MapReply {
    struct Facts: Encodable {
        /// Voxels along x, y, z.
        let size: [Int]
        /// Angstrom.
        let voxel: Double
        /// Position of voxel (0, 0, 0), Angstrom.
        let origin: [Double]
        let low: Float
        let high: Float
        /// A level to begin with.
        let level: Float
        var code: [Float]?
        /// Time that the decoder took.
        var milliseconds: Double?
    }

    var facts: Facts
    let values: [Float]
    /// Larger maps are sent with fewer voxels: a surface of 128 voxels a side is what a screen shows.
    static let largestSide = 128

    init(_ map: DensityMap) throws {
        let side = Self.largestSide
        let shown =
            map.isCube && map.side > side ? try FourierResize.map(map, to: side) : map
        values = shown.values
        let (low, high, bright) = Self.extent(values)
        facts = Facts(
            size: [shown.size.x, shown.size.y, shown.size.z], voxel: shown.pixelSize,
            origin: [shown.origin.x, shown.origin.y, shown.origin.z], low: low, high: high,
            level: 0.3 * bright)
    }

    func packet() throws -> Packet {
        var packet = try Packet(facts)
        packet.append(values)
        return packet
    }

    /// Least and greatest density, and the one that a thousandth of the voxels are above.
    private static func extent(_ values: [Float]) -> (low: Float, high: Float, bright: Float) {
        var (low, high) = (Float.infinity, -Float.infinity)
        for value in values where value.isFinite { (low, high) = (min(low, value), max(high, value)) }
        guard low < high else { return (0, 1, 1) }
        var counts = [Int](repeating: 0, count: 1024)
        let scale = 1023 / (high - low)
        for value in values where value.isFinite { counts[Int((value - low) * scale)] += 1 }
        var above = 0
        for bin in counts.indices.reversed() {
            above += counts[bin]
            if above * 1000 >= values.count { return (low, high, low + Float(bin) / scale) }
        }
        return (low, high, high)
    }
}
