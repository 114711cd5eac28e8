import Torch

extension StageData {
    /// Multiplier of the decoder's output: the configuration's, or the consensus' spread inside the mask.
    package func outputGain(_ model: Configuration.Model) -> Double {
        if model.outputGain > 0 { return model.outputGain }
        return consensusSpread > 0 ? consensusSpread : 1
    }

    /// Codes [B, Z(+Za)] -> volumes [B, T, T, T] in units of the stage's images.
    package func volumes(_ codes: Tensor, _ model: Model, gain: Double) -> Tensor {
        model.decoder(
            structure(codes, model), model.precision, gain: gain, base: addsConsensus ? consensus : nil)
    }

    /// The same, and what the decoder alone gave in its own units, which the priors of volumes are for.
    package func volumesAndDensities(_ codes: Tensor, _ model: Model, gain: Double) -> (
        volumes: Tensor, densities: Tensor
    ) {
        let densities = model.decoder(structure(codes, model), model.precision)
        let scaled = gain == 1 ? densities : densities * gain
        return (addsConsensus ? scaled + consensus : scaled, densities)
    }

    /// The part of the codes that says which structure an image shows.
    private func structure(_ codes: Tensor, _ model: Model) -> Tensor {
        codes.size(1) > model.latentSize ? codes.narrow(1, 0, model.latentSize) : codes
    }

    /// Errors of images against volumes, marginal over the poses: [B].
    ///
    /// - Parameter mask: from `mask(for:)`.
    package func errors(
        _ codes: Tensor, volumes: Tensor, _ batch: ParticleBatch, _ model: Model, mask: Tensor?
    ) -> Tensor {
        let (rotations, shifts) = corrected(batch, codes, model)
        if imageError.mask == .none && shifts == nil {
            let projections = project(volumes, rotations)
            return ImageError.marginal(
                ImageError.perPose(projections, transfer: batch.transfer, spectra: batch.spectra))
        }
        let predicted = render(volumes, rotations: rotations, batch, shifts: shifts)
        return ImageError.marginal(imageError.perPose(predicted, batch.images, projectedMask: mask))
    }

    /// The poses that images are rendered at, [B, K, 3, 3], and shifts in pixels of the stage, [B, K, 2]: as
    /// stored, or changed by the pose block of the codes.
    func corrected(_ batch: ParticleBatch, _ codes: Tensor, _ model: Model) -> (
        rotations: Tensor, shifts: Tensor?
    ) {
        guard let head = model.poseCorrection else { return (batch.rotations, nil) }
        let block = codes.narrow(1, model.latentSize, codes.size(1) - model.latentSize)
        let (rotation, shift) = head(block)
        let rotations = batch.rotations.matmul(rotation.unsqueeze(1))
        // A point of the volume moves by +shift; its image moves by the first two rows of the pose times
        // that.
        let scale = Double(geometry.box) / Double(geometry.fullBox)
        let moved = rotations.narrow(2, 0, 2).matmul(shift.unsqueeze(1).unsqueeze(-1)).squeeze(-1)
        return (rotations, moved * scale)
    }

    /// Projected masks of a batch, [B, R, R], where the error or its normalization wants them.
    package func mask(for batch: ParticleBatch) -> Tensor? {
        imageError.mask != .none || normalization == .perImage ? projectedMask(batch) : nil
    }

    /// M_i of METHOD 3, what an image's error is divided by, [B]: one number for all, or the projected mask
    /// area of each,
    /// at least 0.05 pi C^2 pixels.
    package func areas(_ batch: ParticleBatch, mask: Tensor?) -> Tensor {
        guard normalization == .perImage, let mask else {
            return Tensor.full([batch.indices.count], largestArea, .float32, on: device)
        }
        let side = Double(geometry.cropBox)
        return mask.sum([1, 2]).clamp(min: 0.05 * .pi * side * side)
    }
}
