import CryoEM
import Torch

/// What many images are expected to look like under the same few volumes.
extension StageData {
    /// Factors on transforms of images under which inner products of their parts, over the half plane, are
    /// those of the images over their pixels: 1/R times the root of the columns each stands for, [R/2+1].
    private var halfPlane: Tensor {
        let r = geometry.box
        let factors = (0...(r / 2)).map { ($0 == 0 || $0 == r / 2 ? 1 : 2.0).squareRoot() / Double(r) }
        return Tensor(factors, shape: [factors.count]).to(volumeGrid.voxels.dtype).to(device)
    }

    /// Images as rows, [B, 1, n], whose inner products with each other and with predictions are those over
    /// the pixels: their pixels under the masks of the error, their transforms where there is none.
    func rows(of batch: ParticleBatch) -> Tensor {
        guard imageError.mask != .none else {
            return Self.flat((batch.spectra * halfPlane).unsqueeze(1))
        }
        return (batch.images * projectedMask(batch)).reshape([batch.indices.count, 1, -1])
    }

    /// Predictions of all volumes [V, T, T, T] at all poses [B, K, 3, 3] as such rows, [B, K, V, n].
    func rows(
        all volumes: Tensor, rotations: Tensor, _ batch: ParticleBatch, shifts: Tensor? = nil
    ) -> Tensor {
        let (count, poses, r) = (rotations.size(0), rotations.size(1), geometry.box)
        let seen = Projector.project(all: volumes, rotations.reshape([-1, 3, 3]), volumeGrid, box: r)
        let masked = imageError.mask != .none
        var transfer = (masked ? batch.transfer : batch.transfer * halfPlane).unsqueeze(1)
        if let shifts { transfer = transfer * phaseRamp.factors(shifts) }
        let spectra = seen.reshape([count, poses, -1, r, r]).rfft2() * transfer.unsqueeze(2)
        guard masked else { return Self.flat(spectra) }
        let images = spectra.irfft2(r, r)
        let mask = imageError.mask == .both ? projectedMask(batch).reshape([count, 1, 1, r, r]) : nil
        return (mask.map { images * $0 } ?? images).reshape([count, poses, -1, r * r])
    }

    /// A volume and its derivatives by the code, [Z + 1, T, T, T], with the volume times the coordinates x,
    /// y, z of its voxels, [Z + 4, T, T, T]: what `derivatives` are made of.
    func withMoments(_ volumes: Tensor) -> Tensor {
        Tensor.cat([volumes, volumeGrid.moments(of: volumes.narrow(0, 0, 1))])
    }

    /// Images, predictions of a volume and their derivatives as such rows without masks, [B, Z + 7, n]: the
    /// image, the prediction, its derivatives by the code (a unit), by turns about x, y, z (a radian) and by
    /// shifts along x, y (a pixel).
    ///
    /// A point (u, v, w), seen along w, moves by (0, -w, v) where it is turned about x, by (w, 0, -u) about y
    /// and by (-v, u, 0) about z. So the derivatives by turns are gradients of the projection times u and v,
    /// and of the projection of the volume times w.
    ///
    /// - Parameters:
    ///   - volumes: `withMoments`, [Z + 4, T, T, T].
    ///   - rotations: the poses, [B, 3, 3].
    ///   - transfer: what the spectra of predictions are multiplied by, [B, R, R/2+1].
    func derivatives(
        _ volumes: Tensor, rotations: Tensor, _ batch: ParticleBatch, transfer: Tensor
    ) -> Tensor {
        let (count, known, r) = (batch.indices.count, volumes.size(0) - 3, geometry.box)
        let seen = Projector.project(all: volumes, rotations, volumeGrid, box: r)
        let deep = rotations.narrow(1, 2, 1).matmul(seen.narrow(1, known, 3).reshape([count, 3, r * r]))
        let along = Tensor.range(0, r, seen.dtype, on: device) - Double(r / 2)
        let centre = seen.narrow(1, 0, 1)
        let spectra =
            Tensor.cat(
                [
                    seen.narrow(1, 0, known), centre * along, centre * along.reshape([r, 1]),
                    deep.reshape([count, 1, r, r]),
                ], 1
            ).rfft2() * (transfer * halfPlane).unsqueeze(1)
        func row(_ place: Int) -> Tensor { spectra.narrow(1, place, 1) }
        // A shift by t multiplies by exp(-2 pi i k.t), so its derivative by -2 pi i k: less the gradient.
        let (x, y) = phaseRamp.derivatives
        let (u, v, w) = (row(known), row(known + 1), row(known + 2))
        let table = Tensor.cat(
            [
                (batch.spectra * halfPlane).unsqueeze(1), spectra.narrow(1, 0, known),
                w * y * -1, w * x, u * y - v * x, row(0) * x, row(0) * y,
            ], 1)
        return Self.flat(table)
    }

    /// Half planes [..., R, R/2+1] as rows of their parts, [..., n].
    private static func flat(_ spectra: Tensor) -> Tensor {
        let shape = spectra.shape
        return spectra.contiguous().parts().reshape(Array(shape.dropLast(2)) + [-1])
    }
}
