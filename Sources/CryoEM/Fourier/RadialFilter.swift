import CryoIO
import Foundation
import Torch

/// Filters that depend on the length of the frequency only.
public enum RadialFilter {
    /// Multiplies the transform of a map by `gain`, a function of frequency in 1/Angstrom.
    /// - Throws: `DataError` for a map that is not a cube with a pixel size, `TorchError` from libtorch.
    public static func apply(_ map: DensityMap, gain: (Double) -> Double) throws -> DensityMap {
        guard map.isCube, map.side % 2 == 0, map.pixelSize > 0 else {
            throw DataError(
                file: nil, "a filter wants an even cube with a pixel size",
                found: "\(map.size), \(map.pixelSize) A",
                remedy: "Correct the map's header or box")
        }
        let n = map.side, step = 1 / (Double(n) * map.pixelSize)
        // The gain is tabulated at quarters of a shell up to the corner and read off with straight lines
        // between.
        let density = 4.0
        let corner = Int(density * Double(n / 2) * 3.0.squareRoot()) + 2
        var table: [Float] = []
        for entry in 0...corner { table.append(Float(gain(Double(entry) / density * step))) }
        let full = (0..<n).map { Float($0 < n / 2 ? $0 : $0 - n) }
        let half = (0...n / 2).map(Float.init)
        let z = Tensor(full, shape: [n, 1, 1]), y = Tensor(full, shape: [1, n, 1])
        let x = Tensor(half, shape: [1, 1, half.count])
        let place = (z.square() + y.square() + x.square()).squareRoot() * density
        let lower = place.floor()
        let weight = place - lower
        let gains = Tensor(table, shape: [table.count])
        func entries(_ entry: Tensor) -> Tensor {
            gains.indexSelect(0, entry.to(.int64).reshape([-1])).reshape([n, n, n / 2 + 1])
        }
        let low = entries(lower), high = entries(lower + 1)
        let f = Tensor(map.values, shape: [n, n, n]).rfftn([0, 1, 2])
        var result = map
        result.values = try (f * (low + (high - low) * weight)).irfftn([n, n, n], [0, 1, 2]).floats()
        return result
    }

    /// Keeps frequencies below 1/`resolution` (Angstrom), with a cosine edge `edge` shells wide around it.
    public static func lowPass(_ map: DensityMap, resolution: Double, edge: Double = 2) throws -> DensityMap {
        let shell = 1 / (Double(map.side) * map.pixelSize)
        return try apply(map) { frequency in
            SolventMask.cosine((frequency - 1 / resolution) / shell + edge / 2, edge)
        }
    }
}
