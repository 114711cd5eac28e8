import CryoIO

/// The density of one domain as points: what is looked for in the maps of other states.
public struct DomainTemplate: Sendable {
    /// Places of the voxels, Angstrom.
    let points: [SIMD3<Double>]
    /// Density at each.
    let values: [Double]
    /// Mask at each, or less where the point is not of the domain (`RobustWeights`).
    var weights: [Double]
    /// Centre of the masked density that is above the domain's mean, Angstrom.
    public let centre: SIMD3<Double>
    /// Root mean square distance of the points from the centre, Angstrom.
    let radius: Double

    /// Least of the mask that a voxel takes part with.
    private static let leastWeight = 0.05

    /// - Parameters:
    ///   - map: the state that the mask was drawn on.
    ///   - mask: of the domain, 0...1, in the same box.
    ///   - most: points; of more, every n-th is taken.
    /// - Throws: `DataError` where boxes differ or the mask leaves too little.
    public init(
        _ map: DensityMap, mask: DensityMap, file: String? = nil, most: Int = 10_000
    ) throws(DataError) {
        guard map.size == mask.size, map.isCube else {
            throw DataError(
                file: file, "the mask's box is not that of the map", found: "\(mask.size)",
                wanted: "\(map.size)",
                remedy: "Draw the mask in the box of the maps")
        }
        let inside = mask.values.indices.filter { Double(mask.values[$0]) > Self.leastWeight }
        guard inside.count >= 64 else {
            throw DataError(
                file: file, "the mask holds too few voxels to fit a domain", found: "\(inside.count)",
                wanted: "64 or more", remedy: "Give the mask of a whole domain")
        }
        let step = max(1, (inside.count + most - 1) / most)
        // A stride that shares a factor with the side would pick planes.
        let stride = step > 1 && map.side % step == 0 ? step + 1 : step
        let kept = Swift.stride(from: 0, to: inside.count, by: stride).map { inside[$0] }
        let n = map.side
        points = kept.map { flat in
            map.origin + map.pixelSize * SIMD3(Double(flat % n), Double(flat / n % n), Double(flat / (n * n)))
        }
        values = kept.map { Double(map.values[$0]) }
        weights = kept.map { Double(mask.values[$0]) }
        let total = weights.reduce(0, +)
        let mean = zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / total
        var sum = SIMD3<Double>.zero
        var mass = 0.0
        for ((point, value), weight) in zip(zip(points, values), weights) {
            let above = max(0, value - mean) * weight
            sum += above * point
            mass += above
        }
        guard mass > 0 else {
            throw DataError(
                file: file, "the map has no contrast inside the mask", found: "\(mean) everywhere",
                remedy: "Give a mask of the same origin as the map, or another map")
        }
        let middle = sum / mass
        centre = middle
        let squares = zip(points, weights).reduce(0) { total, pair in
            let away = pair.0 - middle
            return total + pair.1 * dot(away, away)
        }
        radius = max((squares / total).squareRoot(), map.pixelSize)
    }
}
