import CryoIO
import Foundation
import Torch

/// Sharpening of an unfiltered map by the correlation of its halves, as RELION's post-processing does it:
/// weights `sqrt(2 FSC / (1 + FSC))`, a B factor from Guinier's fit, nothing beyond the resolution
/// (Rosenthal and Henderson, J Mol Biol 333, 2003).
public struct Sharpening: Sendable {
    /// Of the half maps, freed of the mask's effect where there was one.
    public let fsc: FSC
    /// Where the fit begins, Angstrom: coarser shells show the molecule's shape.
    public var fitFrom = 10.0

    public init(_ fsc: FSC) { self.fsc = fsc }

    private var resolution: Double { fsc.resolution(at: 0.143) }

    /// The map times `exp(bFactor s²/4)` and the weights, cut off at the resolution.
    /// - Parameter bFactor: A², positive sharpens.
    public func apply(_ map: DensityMap, bFactor: Double) throws -> DensityMap {
        let limit = 1 / resolution
        let shell = fsc.frequency(1)
        return try RadialFilter.apply(map) { frequency in
            let edge = SolventMask.cosine((frequency - limit) / shell, 4)
            return edge * weight(at: frequency / shell) * exp(bFactor * frequency * frequency / 4)
        }
    }

    /// The B factor (A², positive) by which amplitudes fall off between `fitFrom` and the resolution:
    /// Guinier's fit of the logarithm of the weighted mean amplitude against s². Nil where the resolution is
    /// 8 A or worse, as the fit then sees the molecule's shape.
    public func bFactor(of map: DensityMap) throws -> Double? {
        guard resolution < 8 else { return nil }
        let n = map.side
        let shells = RadialShells(side: n, dimensions: 3)
        let f = Tensor(map.values, shape: [n, n, n]).rfftn([0, 1, 2])
        let power = try shells.sums(f.real().square() + f.imaginary().square()).doubles()
        let number = try shells.sums(Tensor.ones([n, n, n / 2 + 1])).doubles()
        var points: [(x: Double, y: Double)] = []
        for k in 1..<fsc.values.count {
            let s = fsc.frequency(Double(k))
            guard s >= 1 / fitFrom, s <= 1 / resolution, fsc.values[k] > 0, power[k] > 0 else { continue }
            points.append((s * s, log(weight(at: Double(k)) * (power[k] / number[k]).squareRoot())))
        }
        guard points.count >= 3 else { return nil }
        return max(0, -4 * Self.slope(points))
    }

    /// `sqrt(2 FSC / (1 + FSC))` at a shell, with straight lines between shells.
    private func weight(at shell: Double) -> Double {
        let place = min(shell, Double(fsc.values.count - 1))
        let low = Int(place)
        let high = min(low + 1, fsc.values.count - 1)
        let t = place - Double(low)
        let f = min(1, max(0, (1 - t) * fsc.values[low] + t * fsc.values[high]))
        return (2 * f / (1 + f)).squareRoot()
    }

    /// Of the straight line of least squares.
    private static func slope(_ points: [(x: Double, y: Double)]) -> Double {
        let count = Double(points.count)
        let meanX = points.reduce(0) { $0 + $1.x } / count
        let meanY = points.reduce(0) { $0 + $1.y } / count
        let covariance = points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) }
        return covariance / points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    }
}
