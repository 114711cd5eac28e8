import CryoIO
import Foundation

extension SolventMask {
    /// A mask drawn from a map alone: low-pass filter, threshold from the solvent's own spread, small parts
    /// dropped, cavities filled, soft edge.
    ///
    /// - Parameters:
    ///   - map: a consensus map, noisy or not.
    ///   - threshold: level in the filtered map; nil takes `automaticThreshold`.
    ///   - resolution: of the low-pass filter, Angstrom, never finer than three voxels; nil takes the finest
    ///     of 15 A, 20 A and so on to 40 A at which the particle stands ten spreads of the solvent above it.
    ///   - extend: growth before the edge, Angstrom; nil takes two voxels or 8 A, whichever is more.
    ///   - edge: width of the cosine edge, Angstrom; nil takes four voxels or 12 A.
    ///   - share: parts smaller than this share of the largest are dropped.
    public init(
        drawnFrom map: DensityMap, threshold: Double? = nil, resolution: Double? = nil, extend: Double? = nil,
        edge: Double? = nil, share: Double = 0.1, file: String? = nil
    ) throws {
        let step = map.pixelSize
        var smooth = map
        for candidate in resolution.map({ [$0] }) ?? [15, 20, 25, 30, 40] {
            smooth = try RadialFilter.lowPass(map, resolution: max(candidate, 3 * step))
            if Levels(smooth).particle > 10 * Levels(smooth).spread { break }
        }
        let level = threshold ?? Self.automaticThreshold(smooth)
        var inside = smooth.values.map { Double($0) >= level }
        guard inside.contains(true) else {
            throw DataError(
                file: file, "no voxel of the filtered map reaches the mask's threshold",
                found: "\(smooth.values.max() ?? 0) at most", wanted: "\(level)",
                remedy: "Lower the threshold")
        }
        inside = Components.keepingLarge(inside, size: map.size, share: share)
        inside = Components.filled(inside, size: map.size)
        let grown = (extend ?? max(8, 2 * step)) / step, soft = (edge ?? max(12, 4 * step)) / step
        try self.init(Self.soft(inside, like: smooth, extend: grown, edge: soft), file: file)
    }

    /// A level between solvent and particle in a filtered map: 3.5 spreads above the solvent, and at least a
    /// seventh of the particle's density, for maps without noise.
    public static func automaticThreshold(_ map: DensityMap) -> Double {
        let levels = Levels(map)
        return levels.solvent + max(3.5 * levels.spread, levels.particle / 7)
    }

    /// Solvent is what lies near the edge of the box, 0.8 to 1 of the largest sphere; its spread is the
    /// median absolute deviation, which density that reaches out there does not move.
    private struct Levels {
        let solvent: Double
        let spread: Double
        /// The 99.5th percentile above the solvent.
        let particle: Double

        init(_ map: DensityMap) {
            let outer = shell(of: map, from: 0.8, to: 1.0), middle = median(outer)
            let sorted = map.values.sorted()
            solvent = Double(middle)
            spread = 1.4826 * Double(median(outer.map { abs($0 - middle) }))
            particle = Double(sorted[min(sorted.count - 1, sorted.count * 995 / 1000)] - middle)
        }
    }

    private static func shell(of map: DensityMap, from low: Double, to high: Double) -> [Float] {
        let n = map.side, centre = n / 2
        let inner = low * low * Double(centre * centre), outer = high * high * Double(centre * centre)
        var found: [Float] = []
        var index = 0
        for z in -centre..<n - centre {
            for y in -centre..<n - centre {
                let square = z * z + y * y
                for x in -centre..<n - centre {
                    let r = Double(square + x * x)
                    if r >= inner && r < outer { found.append(map.values[index]) }
                    index += 1
                }
            }
        }
        return found
    }

    private static func median(_ values: [Float]) -> Float {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }
}
