import CryoIO

extension GrayscaleImage {
    /// The planes through the centre voxel (`size / 2`) of a map: XY, XZ and YZ.
    ///
    /// The first axis of a name runs to the right, the second upwards, as map viewers show it.
    public static func centralSlices(of map: DensityMap) -> [GrayscaleImage] {
        let (x, y, z) = (map.size.x / 2, map.size.y / 2, map.size.z / 2)
        return Plane.allCases.map { plane in
            picture(of: map, plane: plane, name: "slice") { column, row in
                switch plane {
                case .xy: map.values[(z * map.size.y + row) * map.size.x + column]
                case .xz: map.values[(row * map.size.y + y) * map.size.x + column]
                case .yz: map.values[(row * map.size.y + column) * map.size.x + x]
                }
            }
        }
    }

    /// Mean of a map along Z, Y and X, with the axes of `centralSlices`.
    public static func projections(of map: DensityMap) -> [GrayscaleImage] {
        let size = map.size
        var sums = Plane.allCases.map { [Float](repeating: 0, count: $0.width(size) * $0.height(size)) }
        var index = 0
        for z in 0..<size.z {
            for y in 0..<size.y {
                for x in 0..<size.x {
                    let value = map.values[index]
                    sums[0][y * size.x + x] += value
                    sums[1][z * size.x + x] += value
                    sums[2][z * size.y + y] += value
                    index += 1
                }
            }
        }
        return zip(Plane.allCases, sums).map { plane, sum in
            let depth = Float(max(1, plane.depth(size)))
            return picture(of: map, plane: plane, name: "projection") { column, row in
                sum[row * plane.width(size) + column] / depth
            }
        }
    }

    private enum Plane: String, CaseIterable {
        case xy = "XY", xz = "XZ", yz = "YZ"

        func width(_ size: GridSize) -> Int { self == .yz ? size.y : size.x }
        func height(_ size: GridSize) -> Int { self == .xy ? size.y : size.z }
        func depth(_ size: GridSize) -> Int { self == .xy ? size.z : self == .xz ? size.y : size.x }
    }

    private static func picture(
        of map: DensityMap, plane: Plane, name: String, value: (_ column: Int, _ row: Int) -> Float
    ) -> GrayscaleImage {
        let (width, height) = (plane.width(map.size), plane.height(map.size))
        var values: [Float] = []
        values.reserveCapacity(width * height)
        for row in (0..<height).reversed() {
            for column in 0..<width { values.append(value(column, row)) }
        }
        return GrayscaleImage(
            values: values, width: width, height: height, caption: "\(plane.rawValue) \(name)",
            pixelSize: map.pixelSize)
    }
}
