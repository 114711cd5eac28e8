import CryoEM
import Foundation
import Testing
import Torch

@testable import Simulation

@Suite struct ProjectionTests {
    private let box = 24
    private let pixelSize = 3.0
    private let sigma = 2.5
    private var projector: AtomProjector { AtomProjector(box: box, pixelSize: pixelSize, sigma: sigma) }

    private func model(_ count: Int = 50, spread: Double = 20) throws -> AtomModel {
        var generator = CounterRandom(seed: 5).generator(.model)
        let positions = (0..<count).map { _ in generator.pointInBall() * spread }
        return try AtomModel(positions: positions, weights: (0..<count).map { 1 + Double($0 % 3) })
    }

    private func image(_ model: AtomModel, _ rotation: Rotation, shift: SIMD2<Double> = .zero) throws
        -> [Float]
    {
        let projector = projector
        return try projector.image(projector.spectrum(AtomTensors(model), rotation: rotation, shift: shift))
            .floats()
    }

    @Test(arguments: [
        (Rotation.identity, 0, false), (Rotation([0, 0, 1], [1, 0, 0], [0, 1, 0]), 1, true),
        (Rotation([0, 1, 0], [0, 0, 1], [1, 0, 0]), 2, false),
    ])
    func imageAtAnAxisIsTheMapSummedAlongIt(rotation: Rotation, axis: Int, transposed: Bool) throws {
        let model = try model()
        let sum = projector.map(AtomTensors(model)).sum([axis])
        let expected = try (transposed ? sum.transposed(0, 1).contiguous() : sum).floats()
        #expect(relativeDifference(expected, try image(model, rotation)) < 1e-5)
    }

    @Test func fourierTransformOfAnImageIsTheSumOverAtomsAtAnyView() throws {
        let model = try model()
        let rotation = EulerAngles(rot: 33, tilt: 71, psi: -120).rotation
        let shift = SIMD2(1.25, -2.5)
        let transform = Tensor(try image(model, rotation, shift: shift), shape: [box, box]).rfft2()
        let (real, imaginary) = (try transform.real().doubles(), try transform.imaginary().doubles())
        let side = Double(box) * pixelSize
        let total = model.weights.reduce(0, +)
        for row in 0..<box where row != box / 2 {
            for kx in 0..<box / 2 {
                let ky = row < box / 2 ? row : row - box
                var sum = SIMD2(0.0, 0.0)
                for (p, w) in zip(model.positions, model.weights) {
                    let q = rotation * p
                    let x = (q.x / pixelSize + shift.x + Double(box / 2)) / Double(box)
                    let y = (q.y / pixelSize + shift.y + Double(box / 2)) / Double(box)
                    let phase = -2 * Double.pi * (Double(kx) * x + Double(ky) * y)
                    sum += w * SIMD2(cos(phase), sin(phase))
                }
                let s2 = Double(kx * kx + ky * ky) / (side * side)
                sum *= exp(-2 * .pi * .pi * sigma * sigma * s2)
                let at = row * (box / 2 + 1) + kx
                #expect(abs(sum.x - real[at]) < 1e-4 * total)
                #expect(abs(sum.y - imaginary[at]) < 1e-4 * total)
            }
        }
    }

    @Test func atomAtTheOriginIsAtIndexHalfTheBox() throws {
        let model = try AtomModel(positions: [.zero], weights: [7])
        let values = try image(model, EulerAngles(rot: 10, tilt: 20, psi: 30).rotation)
        #expect(values.firstIndex(of: values.max() ?? 0) == box / 2 * box + box / 2)
        #expect(abs(values.reduce(0, +) - 7) < 1e-4)
    }

    @Test func shiftMovesTheContentAlongPositiveXAndY() throws {
        let model = try model()
        let still = try image(model, .identity)
        let moved = try image(model, .identity, shift: SIMD2(3, -2))
        let rolled = try Tensor(still, shape: [box, box]).roll([-2, 3], [0, 1]).floats()
        #expect(relativeDifference(rolled, moved) < 1e-5)
    }

    @Test func manyPiecesOfAtomsMakeTheSameImageAsOne() throws {
        let one = try model(AtomTensors.pieceLength + 700)
        let parts = try [0..<2000, 2000..<one.count].map { range in
            try AtomModel(positions: Array(one.positions[range]), weights: Array(one.weights[range]))
        }
        let rotation = EulerAngles(rot: 100, tilt: 50, psi: 5).rotation
        let sum = zip(try image(parts[0], rotation), try image(parts[1], rotation)).map(+)
        #expect(relativeDifference(sum, try image(one, rotation)) < 1e-5)
        let map = try projector.map(AtomTensors(one)).sum([0]).floats()
        #expect(relativeDifference(map, try image(one, .identity)) < 1e-5)
    }

    @Test func filterOfTheSpectrumIsTheFilterOfTheImage() throws {
        let model = try model()
        let ctf = CTFParameters(
            defocusU: 21_000, defocusV: 9_000, defocusAngle: 37, voltage: 200, sphericalAberration: 2,
            amplitudeContrast: 0.1, phaseShift: 20)
        let rotation = EulerAngles(rot: 33, tilt: 71, psi: -120).rotation
        let ensemble = try Ensemble(states: [model])
        var settings = SimulationSettings(count: 1, box: box, pixelSize: pixelSize)
        settings.resolution = sigma * Double.pi * 2.0.squareRoot()
        let renderer = ParticleRenderer(ensemble: ensemble, settings: settings)
        let particle = SimulatedParticle(
            index: 0, state: 0, angles: EulerAngles(rotation), rotation: rotation, shift: SIMD2(0.5, 1),
            ctf: ctf,
            micrograph: 0, statedAngles: EulerAngles(rotation), statedShift: .zero)
        let plain = renderer.projection(state: 0, rotation: rotation, shift: particle.shift)
        let transfer = CTFGrid(box: box, pixelSize: pixelSize).evaluate([ctf]).select(0, 0)
        let expected = try (plain.rfft2() * transfer).irfft2(box, box).floats()
        #expect(relativeDifference(expected, try renderer.image(particle).floats()) < 1e-5)
    }
}
