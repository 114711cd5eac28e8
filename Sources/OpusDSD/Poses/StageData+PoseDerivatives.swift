import CryoEM
import Torch

extension StageData {
    /// Images, predictions of a volume and their derivatives as rows of pixels, [B, Z + 7, R R]: the image,
    /// the prediction, its derivatives by the code (a unit), by turns about x, y, z (a radian) and by shifts
    /// along x, y (a pixel).
    ///
    /// - Parameters:
    ///   - volumes: the volume and its derivatives by the code, [1, T, T, T] each.
    ///   - rotations: the pose, then turned forward and back by `probe` about each axis, [B, 7, 3, 3].
    ///   - transfer: what the spectra of predictions are multiplied by, [B, R, R/2+1].
    func derivatives(
        _ volumes: [Tensor], rotations: Tensor, probe: Double, _ batch: ParticleBatch, transfer: Tensor
    ) -> Tensor {
        let (count, r) = (batch.indices.count, geometry.box)
        let transfer = transfer.unsqueeze(1)
        func seen(_ volume: Tensor, _ rotations: Tensor) -> Tensor {
            let poses = rotations.size(1)
            let flat = rotations.reshape([1, count * poses, 3, 3])
            return Projector.project(volume, flat, volumeGrid, box: r).reshape([count, poses, r, r]).rfft2()
                * transfer
        }
        let turned = seen(volumes[0], rotations)
        func difference(_ axis: Int) -> Tensor {
            (turned.narrow(1, 1 + 2 * axis, 1) - turned.narrow(1, 2 + 2 * axis, 1)) * (1 / (2 * probe))
        }
        let (pose, centre) = (rotations.narrow(1, 0, 1), turned.narrow(1, 0, 1))
        // A shift by t multiplies by exp(-2 pi i k.t), so its derivative by -2 pi i k.
        let (along, across) = phaseRamp.derivatives
        let spectra = Tensor.cat(
            [centre] + volumes.dropFirst().map { seen($0, pose) }
                + [difference(0), difference(1), difference(2), centre * along, centre * across], 1)
        let rows = Tensor.cat([batch.images.unsqueeze(1), spectra.irfft2(r, r)], 1)
        return rows.reshape([count, rows.size(1), r * r])
    }
}
