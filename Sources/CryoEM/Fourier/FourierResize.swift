import CryoIO
import Torch

/// Crops or pads grids in Fourier space. The terms at the Nyquist frequency of the smaller grid are dropped,
/// as they cannot be told from their mirror images. Index N/2 stays the centre: what lies there lies at N'/2
/// afterwards.
public enum FourierResize {
    /// Volumes [..., N, N, N] to [..., side, side, side] with the same mean density per voxel.
    public static func volume(_ volume: Tensor, to side: Int) -> Tensor {
        let old = volume.size(-1)
        precondition(side % 2 == 0 && old % 2 == 0, "boxes are even, not \(old) and \(side)")
        guard old != side else { return volume }
        var f = volume.rfftn([-3, -2, -1])
        for axis in [-3, -2] { f = resizedAxis(f, axis, from: old, to: side) }
        f = resizedHalfAxis(f, from: old, to: side)
        let scale = Double(side) / Double(old)
        return f.irfftn([side, side, side], [-3, -2, -1]) * (scale * scale * scale)
    }

    /// The map on a grid of `side` voxels over the same physical box.
    /// - Throws: `DataError` for a map that is not an even cube, `TorchError` from libtorch.
    public static func map(_ map: DensityMap, to side: Int) throws -> DensityMap {
        guard map.isCube, map.side % 2 == 0, side % 2 == 0 else {
            throw DataError(
                file: nil, "a map can be resized only between even cubes", found: "\(map.size) to \(side)",
                remedy: "Pad or crop the map to an even cube first")
        }
        let n = map.side
        let resized = try volume(Tensor(map.values, shape: [n, n, n]), to: side).floats()
        return DensityMap(
            cube: resized, side: side, pixelSize: map.pixelSize * Double(n) / Double(side), origin: map.origin
        )
    }

    /// A full axis of `from` frequencies in FFT order to one of `to`.
    static func resizedAxis(_ f: Tensor, _ axis: Int, from: Int, to: Int) -> Tensor {
        let half = min(from, to) / 2
        let low = f.narrow(axis, 0, half), high = f.narrow(axis, from - half + 1, half - 1)
        return Tensor.cat([low, zeros(like: low, axis, to - 2 * half + 1), high], axis)
    }

    /// The half axis, the last one, of `from/2 + 1` frequencies to one of `to/2 + 1`.
    static func resizedHalfAxis(_ f: Tensor, from: Int, to: Int) -> Tensor {
        let half = min(from, to) / 2
        let low = f.narrow(-1, 0, half)
        return Tensor.cat([low, zeros(like: low, -1, to / 2 + 1 - half)], -1)
    }

    private static func zeros(like f: Tensor, _ axis: Int, _ length: Int) -> Tensor {
        var shape = f.shape
        guard !shape.isEmpty else { return f }
        shape[axis + shape.count] = length
        return Tensor.zeros(shape, f.dtype, on: f.device)
    }
}
