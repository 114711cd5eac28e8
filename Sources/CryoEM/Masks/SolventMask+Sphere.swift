import Torch

extension SolventMask {
    /// A volume [n, n, n] with everything outside the largest sphere of the box brought to the mean density
    /// out there, over a cosine edge of three voxels, as RELION leaves its maps.
    static func softened(_ volume: Tensor, edge: Double = 3) throws(TorchError) -> Tensor {
        let n = volume.size(-1)
        let axis = Tensor.range(-n / 2, n - n / 2).square()
        let radius = (axis.reshape([n, 1, 1]) + axis.reshape([1, n, 1]) + axis.reshape([1, 1, n]))
            .squareRoot()
        let beyond = ((radius - (Double(n / 2) - edge)) / edge).clamp(min: 0, max: 1)
        let inside = (beyond * .pi).cos() * 0.5 + 0.5
        let outside = 1 - inside
        let mean = (volume * outside).sum() / outside.sum()
        return try (volume * inside + mean * outside).checked()
    }
}
