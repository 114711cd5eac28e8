import CryoEM
import CryoIO
import Foundation
import Testing
import Torch

@testable import Simulation

@Suite struct SimulatorTests {
    private func simulator(
        threads: Int = 2, views: [EulerAngles]? = nil, table: CTFTable? = nil, states: Int = 2,
        count: Int = 24,
        change: (inout SimulationSettings) -> Void = { _ in }
    ) throws -> ParticleSimulator {
        var (ensemble, settings) = try small(states: states, count: count)
        change(&settings)
        return try ParticleSimulator(
            ensemble: ensemble, settings: settings, table: table, views: views, threads: threads)
    }

    @Test func valuesDoNotDependOnBlocksThreadsOrCount() throws {
        let one = try simulator(threads: 1, count: 24)
        let scale = SignalScale(gain: 0.5, sampled: 1)
        let whole = try one.images(0..<24, scale: scale)
        let two = try simulator(threads: 3, count: 24)
        for range in [0..<5, 5..<6, 6..<24] {
            #expect(try two.images(range, scale: scale) == Array(whole[range]))
        }
        let longer = try simulator(count: 100)
        for index in 0..<24 {
            var particle = longer.particle(index)
            particle.state = one.particle(index).state
            #expect(particle == one.particle(index))
        }
        #expect(try simulator { $0.seed = 2 }.particle(3) != one.particle(3))
    }

    @Test func noiseHasVarianceOneAndTheSignalTheStatedShare() throws {
        let simulator = try simulator(count: 120) { $0.snr = 0.4 }
        let scale = try simulator.signalScale()
        let clean = try simulator.cleanImages(0..<120, scale: scale)
        let noisy = try simulator.images(0..<120, scale: scale)
        var (signal, noise) = (0.0, 0.0)
        for (a, b) in zip(clean, noisy) {
            signal += SignalScale.variance(a) / 120
            noise += SignalScale.variance(zip(b, a).map { $0 - $1 }) / 120
        }
        #expect(abs(noise - 1) < 0.01)
        #expect(abs(signal / noise / 0.4 - 1) < 0.03)
    }

    @Test func sampledScaleIsWithinThreePercentOfAllImages() throws {
        let simulator = try simulator(count: 1100) {
            $0.box = 16
            $0.pixelSize = 16
        }
        let scale = try simulator.signalScale()
        #expect(scale.sampled == 1000)
        let clean = try simulator.cleanImages(0..<1100, scale: scale)
        let mean = clean.map(SignalScale.variance).reduce(0, +) / 1100
        #expect(abs(mean / 0.1 - 1) < 0.03)
    }

    @Test func withoutSNRImagesAreCleanAndOfVarianceOne() throws {
        let simulator = try simulator { $0.snr = nil }
        let scale = try simulator.signalScale()
        let images = try simulator.images(0..<24, scale: scale)
        #expect(images == (try simulator.cleanImages(0..<24, scale: scale)))
        #expect(abs(images.map(SignalScale.variance).reduce(0, +) / 24 - 1) < 1e-3)
    }

    @Test func particlesAreBrightOnDark() throws {
        let simulator = try simulator(states: 1) {
            $0.snr = nil
            $0.maximumShift = 0
        }
        let images = try simulator.images(0..<24, scale: try simulator.signalScale())
        let mask = try StateMask.around(try simulator.stateMaps(scale: SignalScale(gain: 1, sampled: 1)))
        let (inside, outside) = images.reduce(into: (0.0, 0.0)) { sums, image in
            let (middle, edge) = (image[16 * 32 + 16], image[0])
            sums.0 += Double(middle)
            sums.1 += Double(edge)
        }
        #expect(inside > outside)
        #expect(mask.values[(16 * 32 + 16) * 32 + 16] == 1)
        #expect(mask.values[0] == 0)
    }

    @Test func errorsChangeTheStatedPosesAlone() throws {
        let exact = try simulator(count: 400)
        let wrong = try simulator(count: 400) {
            $0.poseError = 3
            $0.shiftError = 0.5
        }
        var (angle, distance) = (0.0, 0.0)
        for index in 0..<400 {
            let (a, b) = (exact.particle(index), wrong.particle(index))
            #expect(a.rotation == b.rotation && a.shift == b.shift && a.ctf == b.ctf && a.state == b.state)
            #expect(a.statedAngles == a.angles && a.statedShift == a.shift)
            let error = b.rotation.angle(to: b.statedAngles.rotation)
            let offset = b.statedShift - b.shift
            angle += error * error / 3 / 400
            distance += (offset * offset).sum() / 2 / 400
        }
        #expect(abs(angle.squareRoot() - 3) < 0.25)
        #expect(abs(distance.squareRoot() - 0.5) < 0.05)
        let scale = SignalScale(gain: 1, sampled: 1)
        #expect(try exact.images(0..<4, scale: scale) == (try wrong.images(0..<4, scale: scale)))
    }

    @Test func viewsAreUniformOverTheSphere() throws {
        let simulator = try simulator(count: 3000)
        let mean = (0..<3000).reduce(SIMD3<Double>.zero) { $0 + simulator.particle($1).rotation.row2 } / 3000
        let square =
            (0..<3000).reduce(SIMD3<Double>.zero) {
                $0 + simulator.particle($1).rotation.row2 * simulator.particle($1).rotation.row2
            } / 3000
        for axis in 0..<3 {
            #expect(abs(mean[axis]) < 0.05)
            #expect(abs(square[axis] - 1.0 / 3) < 0.02)
        }
    }

    @Test func givenViewsAreUsed() throws {
        let views = (0..<24).map { EulerAngles(rot: Double($0), tilt: 30, psi: -20) }
        let simulator = try simulator(views: views)
        #expect((0..<24).map { simulator.particle($0).angles } == views)
    }

    @Test func unevenSharesAreMetExactly() throws {
        let simulator = try simulator(states: 3, count: 100) { $0.shares = [5, 3, 1] }
        #expect(simulator.stateCounts == [56, 33, 11])
        #expect(Set(simulator.states.prefix(30)) == [0, 1, 2])
        #expect(StateShares.counts([1, 1, 1], count: 4) == [2, 1, 1])
        #expect(StateShares.counts([1, 0], count: 7) == [7, 0])
    }

    @Test func particlesOfAMicrographShareItsOptics() throws {
        let simulator = try simulator(count: 12) {
            $0.ctf.particlesPerMicrograph = 6
            $0.ctf.heightSpread = 0
        }
        let ctf = (0..<12).map { simulator.particle($0).ctf }
        #expect(Set(ctf.prefix(6).map(\.defocusU)).count == 1)
        #expect(ctf[0].defocusU != ctf[6].defocusU)
        #expect(ctf.allSatisfy { $0.defocusV <= $0.defocusU && $0.defocusU - $0.defocusV <= 400 })
        #expect(simulator.particle(7).micrograph == 1)
    }

    private static let faults: [(name: String, change: @Sendable (inout SimulationSettings) -> Void)] = [
        ("count", { $0.count = 0 }), ("box", { $0.box = 31 }), ("pixel size", { $0.pixelSize = 0 }),
        ("resolution", { $0.resolution = 10 }), ("SNR", { $0.snr = -1 }), ("shift", { $0.maximumShift = 16 }),
        ("pose error", { $0.poseError = .nan }), ("shift error", { $0.shiftError = -1 }),
        ("number of state shares", { $0.shares = [1] }), ("state shares", { $0.shares = [0, 0] }),
        ("range of CTFs", { $0.ctf.amplitudeContrast = 2 }), ("larger than the box", { $0.pixelSize = 4 }),
    ]

    @Test(arguments: faults.indices)
    func settingOutOfRangeIsNamed(index: Int) throws {
        let fault = Self.faults[index]
        let text = message { _ = try simulator(change: fault.change) }
        #expect(text?.contains(fault.name) == true, "\(text ?? "no error")")
    }

    @Test func viewsMustBeOneAParticle() throws {
        let text = message { _ = try simulator(views: [EulerAngles(rot: 0, tilt: 0, psi: 0)]) }
        #expect(text?.contains("1 views") == true)
    }

    @Test func moleculeThatWrapsAroundIsWarnedOf() throws {
        #expect(try simulator { $0.box = 48 }.warnings.isEmpty)
        let tight = try simulator()
        #expect(tight.warnings.first?.contains("wrap around") == true)
    }
}
