import CryoEM
import CryoIO
import Torch

/// Noise-free images and maps of the states of an ensemble, before the gain.
struct ParticleRenderer: Sendable {
    private let projector: AtomProjector
    private let atoms: [AtomTensors]
    private let grid: CTFGrid

    init(ensemble: Ensemble, settings: SimulationSettings) {
        projector = AtomProjector(box: settings.box, pixelSize: settings.pixelSize, sigma: settings.sigma)
        atoms = ensemble.states.map(AtomTensors.init)
        grid = CTFGrid(box: settings.box, pixelSize: settings.pixelSize)
    }

    /// [N, N]: the projection without CTF.
    func projection(state: Int, rotation: Rotation, shift: SIMD2<Double>) -> Tensor {
        projector.image(projector.spectrum(atoms[state], rotation: rotation, shift: shift))
    }

    /// [N, N]: the projection of a particle times its CTF.
    func image(_ particle: SimulatedParticle) -> Tensor {
        let m = projector.frequencies
        let spectrum = projector.spectrum(
            atoms[particle.state], rotation: particle.rotation, shift: particle.shift)
        let transfer = grid.evaluate([particle.ctf]).select(0, 0).narrow(1, 0, m)
        let opposite = Tensor.cat([transfer.narrow(0, 0, 1), transfer.narrow(0, m + 1, m - 1).flip([0])], 0)
        return projector.image(
            projector.filtered(spectrum, same: transfer.narrow(0, 0, m), opposite: opposite))
    }

    /// The map of a state, in units in which its sum along z is its projection.
    func map(state: Int) throws -> DensityMap {
        DensityMap(
            cube: try projector.map(atoms[state]).floats(), side: projector.box,
            pixelSize: projector.pixelSize)
    }
}
