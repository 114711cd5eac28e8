import CryoEM
import Foundation
import Torch

/// Images and maps of Gaussian atoms by exact Fourier sums: nothing is interpolated, so the projection-slice
/// theorem holds to the precision of Float.
///
/// An atom at x (pixels from index N/2) is, along each axis, the periodic band-limited Gaussian
///
///     g(X - x) = (1/N) sum over k = 0 ..< N/2 of c_k exp(-2 pi^2 sigma^2 k^2 / L^2) cos(2 pi k (X - x) / N)
///
/// with c_0 = 1, c_k = 2, L the side of the box in Angstrom, and no Nyquist frequency. It sums to 1, and the
/// addition theorem splits it into cosines and sines of X and of x. An image is the sum over atoms of
/// g(Y - y) g(X - x): one matrix product of the atoms' cosines and sines, [2m, atoms] x [atoms, 2m] with
/// m = N/2 (the spectrum), between two constant matrices. A filter of Fourier space such as a CTF acts on the
/// spectrum. A map is the same sum with g(Z - z) beside it.
struct AtomProjector: Sendable {
    let box: Int
    let pixelSize: Double
    /// m, the number of frequencies 0 ..< N/2 on each axis.
    let frequencies: Int
    /// [8, 1]: 2 pi k of k = 0 ... 7.
    private let fine: Tensor
    /// [ceil(m/8), 1]: 2 pi k of k = 0, 8, 16 ...
    private let coarse: Tensor
    /// [N, 2m]: the constant matrix, cosines then sines, with c_k, 1/N and the Gaussian's envelope in it.
    private let synthesis: Tensor
    /// [2, 1, 2, 1]: signs of the filter's mixed part.
    private let signs = Tensor([-1, 1, 1, -1] as [Float], shape: [2, 1, 2, 1])

    init(box: Int, pixelSize: Double, sigma: Double) {
        self.box = box
        self.pixelSize = pixelSize
        let m = box / 2
        frequencies = m
        func angular(_ k: [Int]) -> Tensor {
            Tensor(k.map { Float(2 * Double.pi * Double($0)) }, shape: [k.count, 1])
        }
        fine = angular(Array(0..<8))
        coarse = angular(Array(stride(from: 0, to: m, by: 8)))
        let side = Double(box) * pixelSize
        var matrix = [Float](repeating: 0, count: box * 2 * m)
        for row in 0..<box {
            for k in 0..<m {
                let s = Double(k) / side
                let amplitude = (k == 0 ? 1 : 2) / Double(box) * exp(-2 * .pi * .pi * sigma * sigma * s * s)
                let angle = 2 * .pi * Double(k * (row - box / 2)) / Double(box)
                matrix[row * 2 * m + k] = Float(amplitude * cos(angle))
                matrix[row * 2 * m + m + k] = Float(amplitude * sin(angle))
            }
        }
        synthesis = Tensor(matrix, shape: [box, 2 * m])
    }

    /// Cosines and sines [axes, 2m, atoms] of coordinates [axes, atoms] in units of the box side: those of
    /// the coarse and the fine frequencies by the library, the others by the addition theorem, which is
    /// cheaper.
    private func waves(_ coordinates: Tensor) -> Tensor {
        let (axes, atoms) = (coordinates.size(0), coordinates.size(1))
        let (a, b) = (coordinates.unsqueeze(1) * coarse, coordinates.unsqueeze(1) * fine)
        let (cosA, sinA) = (a.cos().unsqueeze(2), a.sin().unsqueeze(2))
        let (cosB, sinB) = (b.cos().unsqueeze(1), b.sin().unsqueeze(1))
        let parts = [cosA * cosB - sinA * sinB, sinA * cosB + cosA * sinB].map {
            $0.reshape([axes, -1, atoms]).narrow(1, 0, frequencies)
        }
        return Tensor.cat(parts, 1)
    }

    /// The spectrum [2m, 2m] (y, then x) of the projection at a pose.
    /// - Parameter shift: displacement of the content along x and y, pixels.
    func spectrum(_ atoms: AtomTensors, rotation: Rotation, shift: SIMD2<Double>) -> Tensor {
        let scale = 1 / (Double(box) * pixelSize)
        let rows = [rotation.row0, rotation.row1].flatMap {
            [Float($0.x * scale), Float($0.y * scale), Float($0.z * scale)]
        }
        let matrix = Tensor(rows, shape: [2, 3])
        let offset = Tensor([Float(shift.x / Double(box)), Float(shift.y / Double(box))], shape: [2, 1])
        var total: Tensor?
        for piece in atoms.pieces {
            let wave = waves(matrix.matmul(piece.positions) + offset)
            let part = (wave.select(0, 1) * piece.weights).matmul(wave.select(0, 0).transposed(0, 1))
            total = total.map { $0 + part } ?? part
        }
        return total ?? Tensor.zeros([2 * frequencies, 2 * frequencies])
    }

    /// The spectrum after a real, even filter of Fourier space.
    /// - Parameters:
    ///   - same: [m, m] (ky, kx): the filter at (kx, ky), with ky of 0 or more.
    ///   - opposite: the filter at (kx, -ky).
    func filtered(_ spectrum: Tensor, same: Tensor, opposite: Tensor) -> Tensor {
        let m = frequencies
        let blocks = spectrum.reshape([2, m, 2, m])
        let even = ((same + opposite) * 0.5).reshape([1, m, 1, m])
        let mixed = ((same - opposite) * 0.5).reshape([1, m, 1, m])
        return (blocks * even + blocks.flip([0, 2]) * signs * mixed).reshape([2 * m, 2 * m])
    }

    /// The image [N, N] (y, x) of a spectrum.
    func image(_ spectrum: Tensor) -> Tensor {
        synthesis.matmul(spectrum).matmul(synthesis.transposed(0, 1))
    }

    /// The map [N, N, N] (z, y, x); its sum along z is the image at the identity without shift.
    func map(_ atoms: AtomTensors) -> Tensor {
        let side = Double(box) * pixelSize
        var total: Tensor?
        for piece in atoms.pieces {
            // [3, N, atoms]: each atom's profile along x, y and z.
            let profiles = synthesis.matmul(waves(piece.positions * (1 / side)))
            let (x, y) = (profiles.select(0, 0).transposed(0, 1), profiles.select(0, 1) * piece.weights)
            let z = profiles.select(0, 2)
            let slab = max(1, 1_000_000 / (box * z.size(1)))
            let slabs = stride(from: 0, to: box, by: slab).map { start -> Tensor in
                let thickness = min(slab, box - start)
                let columns = z.narrow(0, start, thickness).unsqueeze(1) * y.unsqueeze(0)
                return columns.reshape([thickness * box, -1]).matmul(x)
            }
            let part = Tensor.cat(slabs).reshape([box, box, box])
            total = total.map { $0 + part } ?? part
        }
        return total ?? Tensor.zeros([box, box, box])
    }
}
