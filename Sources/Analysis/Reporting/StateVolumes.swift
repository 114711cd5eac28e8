import CryoEM
import CryoIO
import Report

/// Maps of the states as the report draws them in three dimensions: the cube about the centre that holds the
/// mask, with no more voxels than a page should carry.
struct StateVolumes {
    /// Side of the cube in voxels of the map, even.
    private let window: Int
    /// Eight states with two maps each make 11 MB of page at this side.
    static let largestSide = 80

    init(mask: SolventMask) {
        let map = mask.map
        var reach = 1
        for flat in map.values.indices where map.values[flat] > 0.02 {
            for place in [flat % map.side, flat / map.side % map.side, flat / (map.side * map.side)] {
                reach = max(reach, abs(place - map.side / 2) + 1)
            }
        }
        window = min(map.side, 2 * (reach + 1))
    }

    func volume(_ map: DensityMap, name: String) throws -> ReportVolume {
        guard map.isCube, map.side % 2 == 0 else { return ReportVolume(map, name: name) }
        let scale = min(1, Double(Self.largestSide) / Double(window))
        let side = scale < 1 ? max(4, 2 * Int(Double(map.side) * scale / 2)) : map.side
        let resized = try FourierResize.map(map, to: side)
        let cropped = min(side, 2 * Int((Double(window) * Double(side) / Double(map.side) / 2).rounded(.up)))
        return ReportVolume(Self.middle(resized, side: cropped), name: name)
    }

    /// The cube of a side about index N/2.
    private static func middle(_ map: DensityMap, side: Int) -> DensityMap {
        let first = map.side / 2 - side / 2
        var values: [Float] = []
        values.reserveCapacity(side * side * side)
        for z in first..<first + side {
            for y in first..<first + side {
                let row = (z * map.side + y) * map.side + first
                values += map.values[row..<row + side]
            }
        }
        return DensityMap(cube: values, side: side, pixelSize: map.pixelSize)
    }
}
