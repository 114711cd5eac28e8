import CryoIO
import Foundation
import Torch

/// Fourier shell correlation of two maps, or Fourier ring correlation of two images.
public struct FSC: Sendable, Equatable, Codable {
    /// Correlation at the shells 0, 1 ... side/2; shell k is the frequency k / (side · pixelSize). A shell in
    /// which one of the maps is empty has 0.
    public var values: [Double]
    /// Voxels along an edge.
    public let side: Int
    /// Angstrom per voxel.
    public let pixelSize: Double

    public init(values: [Double], side: Int, pixelSize: Double) {
        self.values = values
        self.side = side
        self.pixelSize = pixelSize
    }

    /// - Parameter mask: weights multiplied onto both maps, of the same box.
    /// - Throws: `DataError` for boxes that differ, `TorchError` from libtorch.
    public init(_ a: DensityMap, _ b: DensityMap, mask: DensityMap? = nil) throws {
        for other in [b, mask].compactMap({ $0 }) where other.size != a.size || !a.isCube {
            throw DataError(
                file: nil, "shell correlation wants cubes of one box", found: "\(a.size) and \(other.size)",
                remedy: "Resample one of the maps")
        }
        let shape = [a.side, a.side, a.side]
        var (x, y) = (Tensor(a.values, shape: shape), Tensor(b.values, shape: shape))
        if let mask {
            let m = Tensor(mask.values, shape: shape)
            (x, y) = (x * m, y * m)
        }
        try self.init(x, y, pixelSize: a.pixelSize)
    }

    /// - Parameters:
    ///   - a: a volume [side, side, side] or an image [side, side], side even.
    ///   - b: of the same shape.
    public init(_ a: Tensor, _ b: Tensor, pixelSize: Double) throws {
        let (side, axes) = (a.size(-1), Array(0..<a.shape.count))
        let shells = RadialShells(side: side, dimensions: axes.count, device: a.device)
        self.init(
            values: try Self.correlation(a.rfftn(axes), b.rfftn(axes), shells), side: side,
            pixelSize: pixelSize)
    }

    /// Correlation of two half-space transforms over shells.
    static func correlation(_ f: Tensor, _ g: Tensor, _ shells: RadialShells) throws -> [Double] {
        let (fr, fi, gr, gi) = (f.real(), f.imaginary(), g.real(), g.imaginary())
        let cross = try shells.sums(fr * gr + fi * gi).doubles()
        let powerF = try shells.sums(fr.square() + fi.square()).doubles()
        let powerG = try shells.sums(gr.square() + gi.square()).doubles()
        return cross.indices.map { k in
            let power = (powerF[k] * powerG[k]).squareRoot()
            return power > 0 ? cross[k] / power : 0
        }
    }

    /// Spatial frequency of a shell, 1/Angstrom.
    public func frequency(_ shell: Double) -> Double { shell / (Double(side) * pixelSize) }

    /// The shell, between two of the measured ones, at which the curve first falls below `threshold`, with a
    /// straight line between shells; nil where it never does.
    public func crossing(_ threshold: Double) -> Double? {
        guard let k = values.indices.dropFirst().first(where: { values[$0] < threshold }) else { return nil }
        let (high, low) = (values[k - 1], values[k])
        return high <= threshold ? Double(k - 1) : Double(k - 1) + (high - threshold) / (high - low)
    }

    /// Resolution in Angstrom at a threshold such as 0.143 or 0.5: Nyquist where the curve stays above it,
    /// infinity where it is never above.
    public func resolution(at threshold: Double) -> Double {
        let shell = crossing(threshold) ?? Double(side / 2)
        return shell > 0 ? 1 / frequency(shell) : .infinity
    }

    /// Area under the curve from 0 to Nyquist, as a share of the perfect one: 1 for equal maps.
    public var area: Double {
        guard values.count > 1 else { return 0 }
        let inner = values.dropFirst().dropLast().reduce(0, +)
        return (inner + (values[0] + values[values.count - 1]) / 2) / Double(values.count - 1)
    }

    /// Area under the curve over frequencies in cycles per voxel, 0 to 0.5, as CryoBench reports it: at most
    /// 0.5.
    public var cryoBenchArea: Double { area / 2 }
}
