import Foundation

/// Density of values along one or two coordinates by Gaussian kernels, and -ln p as a free energy in units of
/// kT.
///
/// Values are counted in fine bins, which a kernel then widens; its width is Scott's (1979) unless given. A
/// free energy from particle images is that of the sample when it was frozen, broadened by the error of the
/// codes and by the kernel: barriers come out too low, never too high.
public struct FreeEnergy: Sendable, Equatable {
    /// Values along each axis at the places of `density`, evenly spaced.
    public let axes: [[Double]]
    /// Standard deviation of the kernel along each axis.
    public let widths: [Double]
    /// Probability density, the first axis fastest.
    public let density: [Double]
    /// -ln of the density over its highest value, in kT: 0 at the most frequent place; infinite where there
    /// is none.
    public let energy: [Double]
    /// Standard error of the energy from the number of particles alone, kT.
    public let error: [Double]

    /// - Parameters:
    ///   - coordinates: one or two, with a value for every row each.
    ///   - points: places along each axis.
    ///   - width: of the kernel in standard deviations of the values; nil is Scott's, n^(-1/(d + 4)).
    /// - Throws: `LatentError` for no values, values that are not finite, or another number of coordinates.
    public init(_ coordinates: [[Float]], points: Int, width: Double? = nil) throws(LatentError) {
        let n = coordinates.first?.count ?? 0
        guard (1...2).contains(coordinates.count), n > 1, coordinates.allSatisfy({ $0.count == n }) else {
            throw LatentError(
                .sizeMismatch, "a free energy wants one or two coordinates of at least two rows",
                remedy: "Choose one or two coordinates")
        }
        guard coordinates.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
            throw LatentError(
                .undefined, "a coordinate is not finite", remedy: "Leave the rows that are not finite out")
        }
        guard points >= 2 else { throw .setting("points", found: "\(points)", wanted: "at least 2") }
        let share = width ?? pow(Double(n), -1 / Double(coordinates.count + 4))
        let grids = coordinates.map { KernelAxis($0, points: points, share: share) }
        var counts = [Double](repeating: 0, count: grids.reduce(1) { $0 * $1.bins })
        for row in 0..<n {
            let first = grids[0].bin(coordinates[0][row])
            let place = grids.count == 1 ? first : grids[1].bin(coordinates[1][row]) * grids[0].bins + first
            counts[place] += 1
        }
        let densities = Self.smoothed(counts, grids, rows: n)
        let top = densities.max() ?? 1
        let roughness = grids.reduce(1.0) { $0 / (2 * Double.pi.squareRoot() * $1.width) }
        axes = grids.map(\.places)
        widths = grids.map(\.width)
        density = densities
        energy = densities.map { $0 > 0 ? -log($0 / top) : .infinity }
        error = densities.map { $0 > 0 ? (roughness / (Double(n) * $0)).squareRoot() : .infinity }
    }

    /// Places along a single axis where the energy is lower than at both sides, deepest first. A minimum
    /// counts only where it is at least twice its error below the higher of the passes that part it from
    /// deeper ones.
    public var minima: [Int] {
        guard axes.count == 1 else { return [] }
        let candidates = energy.indices.filter { place in
            energy[place].isFinite && (place == 0 || energy[place] <= energy[place - 1])
                && (place + 1 == energy.count || energy[place] < energy[place + 1])
        }.sorted { energy[$0] < energy[$1] }
        var kept: [Int] = []
        for place in candidates {
            let isParted = kept.allSatisfy { other in
                let pass = energy[min(place, other)...max(place, other)].max() ?? 0
                return pass - energy[place] >= 2 * error[place]
            }
            if isParted { kept.append(place) }
        }
        return kept
    }

    /// Kernel sums at the places of all axes, one axis after the other.
    private static func smoothed(_ counts: [Double], _ grids: [KernelAxis], rows: Int) -> [Double] {
        let first = grids[0]
        let lines = counts.count / first.bins
        let along = (0..<lines).flatMap { line in
            first.smoothed(Array(counts[line * first.bins..<(line + 1) * first.bins]))
        }
        var result = along
        if grids.count == 2 {
            let second = grids[1]
            let width = first.places.count
            result = [Double](repeating: 0, count: width * second.places.count)
            for x in 0..<width {
                let column = second.smoothed((0..<lines).map { along[$0 * width + x] })
                for (y, value) in column.enumerated() { result[y * width + x] = value }
            }
        }
        return result.map { $0 / Double(rows) }
    }
}

/// Bins along one coordinate, eight a place, and the kernel that widens them.
private struct KernelAxis {
    private static let binsPerPlace = 8
    let places: [Double]
    let bins: Int
    let width: Double
    private let start: Double
    private let step: Double

    init(_ values: [Float], points: Int, share: Double) {
        let n = Double(values.count)
        let mean = values.reduce(0) { $0 + Double($1) } / n
        let variance = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / max(1, n - 1)
        // Values that are all the same have bins too.
        width = max(variance.squareRoot() * share, 1e-9 * max(1, mean.magnitude))
        let low = Double(values.min() ?? 0) - 2 * width
        let high = Double(values.max() ?? 0) + 2 * width
        bins = points * Self.binsPerPlace
        start = low
        step = (high - low) / Double(bins)
        let (origin, pitch) = (low, (high - low) / Double(points))
        places = (0..<points).map { origin + (Double($0) + 0.5) * pitch }
    }

    func bin(_ value: Float) -> Int { min(bins - 1, max(0, Int((Double(value) - start) / step))) }

    /// Sum of kernels over bins at every place, per unit length.
    func smoothed(_ counts: [Double]) -> [Double] {
        let reach = 5 * width
        let height = 1 / (width * (2 * Double.pi).squareRoot())
        return places.map { place in
            let first = max(0, Int((place - reach - start) / step))
            let last = min(bins - 1, Int((place + reach - start) / step))
            guard first <= last else { return 0 }
            return (first...last).reduce(0.0) { sum, bin in
                guard counts[bin] > 0 else { return sum }
                let away = (start + (Double(bin) + 0.5) * step - place) / width
                return sum + counts[bin] * height * exp(-away * away / 2)
            }
        }
    }
}
