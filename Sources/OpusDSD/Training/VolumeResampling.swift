import CryoEM
import CryoIO
import Foundation
import Torch

/// Maps between the particles' box and a stage's volume grid, in physical coordinates about the centre N/2.
public struct VolumeResampling: Sendable {
    public let geometry: StageGeometry

    public init(_ geometry: StageGeometry) { self.geometry = geometry }

    /// A mask of side D at the T^3 (or E^3) places of a grid over the crop cube; values below 0.02 become 0.
    public func mask(_ mask: [Float], toSide side: Int) -> [Float] {
        let step = Double(geometry.cropBox) / Double(side) * Double(geometry.fullBox) / Double(geometry.box)
        return sampled(mask, side: geometry.fullBox, at: side, step: step).map { $0 < 0.02 ? 0 : min(1, $0) }
    }

    /// A density of side D (sums along z make the particles) on the volume grid, in units of the stage's
    /// images.
    public func density(_ map: [Float]) throws -> [Float] {
        let g = geometry
        let exact = g.volumeSide == g.cropBox
        let fine = exact ? g.box : 2 * g.box
        let resized = try resize(map, from: g.fullBox, to: fine)
        let step = exact ? 1 : g.volumePitch * 2
        return sampled(resized, side: fine, at: g.volumeSide, step: step).map { $0 * Float(g.densityGain) }
    }

    /// A volume of the decoder as a map in the particles' box and units, zero outside the crop cube.
    public func map(_ volume: [Float]) throws -> [Float] {
        let g = geometry
        let inBox = sampled(volume, side: g.volumeSide, at: g.box, step: 1 / g.volumePitch)
        return try resize(inBox, from: g.box, to: g.fullBox).map { $0 / Float(g.densityGain) }
    }

    private func resize(_ values: [Float], from side: Int, to other: Int) throws -> [Float] {
        guard side != other else { return values }
        return try FourierResize.volume(Tensor(values, shape: [side, side, side]), to: other).floats()
    }

    /// Trilinear values at index side/2 + step (i - n/2); zero outside.
    private func sampled(_ values: [Float], side: Int, at n: Int, step: Double) -> [Float] {
        struct Place { var index: Int, fraction: Float }
        let places = (0..<n).map { i -> Place in
            let position = Double(side / 2) + step * Double(i - n / 2)
            return Place(
                index: Int(position.rounded(.down)), fraction: Float(position - position.rounded(.down)))
        }
        var out = [Float](repeating: 0, count: n * n * n)
        values.withUnsafeBufferPointer { source in
            func value(_ x: Int, _ y: Int, _ z: Int) -> Float {
                guard x >= 0, y >= 0, z >= 0, x < side, y < side, z < side else { return 0 }
                return source[(z * side + y) * side + x]
            }
            func row(_ p: Place, _ y: Int, _ z: Int) -> Float {
                let a = value(p.index, y, z)
                return p.fraction == 0 ? a : a + p.fraction * (value(p.index + 1, y, z) - a)
            }
            for (k, z) in places.enumerated() {
                for (j, y) in places.enumerated() {
                    for (i, x) in places.enumerated() {
                        var a = row(x, y.index, z.index)
                        if y.fraction != 0 { a += y.fraction * (row(x, y.index + 1, z.index) - a) }
                        if z.fraction != 0 {
                            var b = row(x, y.index, z.index + 1)
                            if y.fraction != 0 { b += y.fraction * (row(x, y.index + 1, z.index + 1) - b) }
                            a += z.fraction * (b - a)
                        }
                        out[(k * n + j) * n + i] = a
                    }
                }
            }
        }
        return out
    }
}
