import CryoIO
import Foundation

/// A soft mask around the particle: 1 inside, 0 in the solvent, a cosine edge between.
public struct SolventMask: Sendable, Equatable {
    /// Values 0...1 on an even cube centred on index N/2.
    public let map: DensityMap

    public var side: Int { map.side }
    public var pixelSize: Double { map.pixelSize }

    /// - Parameter file: named in errors.
    /// - Throws: `DataError` for a box that is no even cube, values that are not 0...1, and an empty mask.
    public init(_ map: DensityMap, file: String? = nil) throws(DataError) {
        guard map.isCube, map.side % 2 == 0 else {
            throw DataError(
                file: file, "a mask wants an even cubic box", found: "\(map.size)",
                remedy: "Make the mask from a map of the particles' box")
        }
        guard let low = map.values.min(), let high = map.values.max(), low >= -1e-3, high <= 1.001,
            map.values.allSatisfy(\.isFinite)
        else {
            throw DataError(
                file: file, "a mask has values from 0 to 1",
                found: "\(map.values.min() ?? 0) to \(map.values.max() ?? 0)",
                remedy: "Make a mask from the map first (dsd mask)")
        }
        guard high > 0 else {
            throw DataError(file: file, "the mask is empty", remedy: "Make it with a lower threshold")
        }
        var clean = map
        clean.values = map.values.map { min(1, max(0, $0)) }
        self.map = clean
    }

    /// Voxels at or above `threshold`, grown by `extend` voxels and softened over `edge` voxels, as
    /// relion_mask_create makes it.
    /// - Parameters:
    ///   - extend: every voxel closer than this to one inside comes inside too.
    ///   - edge: width of the cosine edge outside that.
    public init(
        of map: DensityMap, threshold: Double, extend: Double = 3, edge: Double = 6, file: String? = nil
    ) throws(DataError) {
        let inside = map.values.map { Double($0) >= threshold }
        guard inside.contains(true) else {
            throw DataError(
                file: file, "no voxel reaches the mask's threshold",
                found: "\(map.values.max() ?? 0) at most",
                wanted: "\(threshold)", remedy: "Lower the threshold")
        }
        try self.init(Self.soft(inside, like: map, extend: extend, edge: edge), file: file)
    }

    /// A soft sphere about index N/2.
    /// - Parameters:
    ///   - radius: Angstrom, where the edge begins.
    ///   - edge: width of the cosine edge, voxels.
    public init(sphere radius: Double, side: Int, pixelSize: Double, edge: Double = 6) throws(DataError) {
        let centre = Double(side / 2), inner = radius / pixelSize
        var values = [Float](repeating: 0, count: side * side * side)
        var index = 0
        for z in 0..<side {
            for y in 0..<side {
                for x in 0..<side {
                    let d = SIMD3(Double(x), Double(y), Double(z)) - centre
                    values[index] = Float(Self.cosine(dot(d, d).squareRoot() - inner, edge))
                    index += 1
                }
            }
        }
        try self.init(DensityMap(cube: values, side: side, pixelSize: pixelSize))
    }

    static func soft(_ inside: [Bool], like map: DensityMap, extend: Double, edge: Double) -> DensityMap {
        var grown = inside
        if extend > 0 {
            let limit = Float(extend * extend)
            grown = DistanceTransform.squared(toInside: inside, size: map.size).map { $0 < limit }
        } else if extend < 0 {
            let limit = Float(extend * extend)
            grown = DistanceTransform.squared(toInside: inside.map { !$0 }, size: map.size).map { $0 > limit }
        }
        var result = map
        result.values = DistanceTransform.squared(toInside: grown, size: map.size).map {
            Float(cosine(Double($0.squareRoot()), edge))
        }
        return result
    }

    /// 1 up to distance 0, 0 from `edge` on, half a cosine between.
    static func cosine(_ distance: Double, _ edge: Double) -> Double {
        if distance <= 0 { return 1 }
        return distance < edge ? 0.5 + 0.5 * cos(.pi * distance / edge) : 0
    }
}
