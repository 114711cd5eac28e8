import CryoEM
import Torch

/// Random changes of the encoder's input (METHOD 5); the image that is compared with the prediction stays
/// as it is.
/// What a particle gets depends on seed, particle and step alone.
package struct InputAugmentation: Sendable {
    private let settings: Configuration.Augmentation
    private let random: CounterRandom

    init(_ settings: Configuration.Augmentation, seed: UInt64) {
        self.settings = settings
        random = CounterRandom(seed: seed)
    }

    /// Contrast and brightness: [B, P, P] -> [B, P, P].
    package func adjusted(_ images: Tensor, _ batch: ParticleBatch, step: Int) -> Tensor {
        guard settings.contrast > 0 || settings.brightness > 0 else { return images }
        func column(_ value: (Int) -> Double) -> Tensor {
            Tensor(batch.indices.map(value), shape: [batch.indices.count, 1, 1]).to(images.dtype).to(
                images.device)
        }
        let contrast = column {
            1 + settings.contrast * (random.uniform(.augmentation, item: $0, 4 * step) - 0.5)
        }
        let brightness = column { settings.brightness * random.normal(.augmentation, item: $0, 2 * step + 1) }
        return images * contrast + brightness
    }

    /// 0 for the Fourier components left out, 1 / (1 - share) for the others, [B, R, R/2+1]; nil where all
    /// are kept.
    package func keep(_ batch: ParticleBatch, step: Int) -> Tensor? {
        let share = settings.fourierDropout
        guard share > 0 else { return nil }
        let shape = batch.phase.shape
        let pixels = shape[1] * shape[2]
        // One item of the stream for each particle and step: the step in the upper half.
        let items = Tensor(indices: batch.indices.map { step << 32 | $0 }).to(batch.phase.device)
        let kept = random.uniforms(.dropout, items: items, count: pixels).reshape(shape) > share
        return kept.to(batch.phase.dtype) / (1 - share)
    }

    /// Small rotations after the stored poses, [B, 1, 3, 3]; nil where there are none.
    package func tilts(_ batch: ParticleBatch, step: Int) -> Tensor? {
        guard settings.tilt > 0 else { return nil }
        let values = batch.indices.flatMap { particle -> [Float] in
            let vector =
                SIMD3(
                    random.normal(.tilt, item: particle, 3 * step),
                    random.normal(.tilt, item: particle, 3 * step + 1),
                    random.normal(.tilt, item: particle, 3 * step + 2)) * settings.tilt
            let angle = (vector * vector).sum().squareRoot()
            guard angle > 0 else { return Rotation.identity.rowMajor }
            return Rotation(degrees: angle, about: vector / angle).rowMajor
        }
        return Tensor(values, shape: [batch.indices.count, 1, 3, 3]).to(batch.rotations.dtype).to(
            batch.rotations.device)
    }
}
