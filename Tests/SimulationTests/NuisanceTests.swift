import CryoEM
import CryoIO
import Foundation
import TestSupport
import Testing
import Torch

@testable import Simulation

@Suite struct NuisanceTests {
    @Test func colouredNoiseHasVarianceOneAndItsSpectrum() throws {
        let shape = NoiseShape(box: 32, pixelSize: 4, excess: 9)
        let random = CounterRandom(seed: 3)
        var power = [Double](repeating: 0, count: 17)
        var counts = [Double](repeating: 0, count: 17)
        var variance = 0.0
        for item in 0..<60 {
            var image = [Float](repeating: 0, count: 32 * 32)
            try shape.add(random, item: item, to: &image)
            variance += image.reduce(0) { $0 + Double($1 * $1) } / 1024 / 60
            let f = Tensor(image, shape: [32, 32]).rfft2()
            let values = try (f.real().square() + f.imaginary().square()).floats()
            for y in 0..<32 {
                for x in 0...16 {
                    let ky = Double(y < 16 ? y : y - 32)
                    let shell = Int((ky * ky + Double(x * x)).squareRoot().rounded())
                    guard shell <= 16 else { continue }
                    power[shell] += Double(values[y * 17 + x])
                    counts[shell] += 1
                }
            }
        }
        #expect(abs(variance - 1) < 0.03)
        // Against the definition at two shells: 1 + 9 / (1 + (40 k / 128)^2).
        let (low, high) = (power[3] / counts[3], power[14] / counts[14])
        func defined(_ k: Double) -> Double { 1.0 + 9.0 / (1.0 + pow(40.0 * k / 128.0, 2.0)) }
        let wanted = defined(3) / defined(14)
        #expect(abs(low / high / wanted - 1) < 0.1, "\(low / high) against \(wanted)")
    }

    @Test func scalesVaryAndKeepTheMeanPower() throws {
        let (ensemble, plainSettings) = try small(count: 4000)
        var settings = plainSettings
        settings.scaleSpread = 0.3
        let simulator = try ParticleSimulator(ensemble: ensemble, settings: settings)
        let scales = (0..<4000).map { simulator.particle($0).scale }
        func meanSquare(_ values: [Double]) -> Double {
            values.reduce(0.0) { $0 + $1 * $1 } / Double(values.count)
        }
        #expect(abs(meanSquare(scales) - 1) < 0.05)
        #expect(abs(meanSquare(scales.map { log($0) + 0.09 }).squareRoot() - 0.3) < 0.015)
        let scale = SignalScale(gain: 1, sampled: 1)
        let plain = try ParticleSimulator(ensemble: ensemble, settings: plainSettings)
        #expect(plain.particle(0).scale == 1)
        let (a, b) = (
            try simulator.cleanImages(0..<1, scale: scale)[0], try plain.cleanImages(0..<1, scale: scale)[0]
        )
        let factor = Float(scales[0])
        let wanted: [Float] = b.map { (value: Float) -> Float in value * factor }
        #expect(relativeDifference(a, wanted) < 1e-5)
    }

    @Test func truthTellsScalesPositionsAndBreaks() throws {
        let folder = try TemporaryFolder()
        let dumbbell = try DumbbellPhantom(states: 2, beadsPerLobe: 40).ensemble().adding(broken: 1, seed: 1)
        var settings = SimulationSettings(count: 6, box: 32, pixelSize: 8)
        settings.scaleSpread = 0.2
        try ParticleSimulator(ensemble: dumbbell, settings: settings).write(to: folder.file("a"))
        let truth = try NPZ.read(folder.file("a/truth.npz"))
        #expect(truth["state_broken"]?.bools() == [false, false, true])
        #expect(truth["state_position"] == nil && Set(truth["scale"]?.doubles() ?? []).count == 6)
        let family = try Ensemble(
            dumbbell.states[0], along: try StateMove("L:rotate=360@x"), states: 3)
        settings.scaleSpread = 0
        try ParticleSimulator(ensemble: family, settings: settings).write(to: folder.file("b"))
        let circle = try NPZ.read(folder.file("b/truth.npz"))
        #expect(circle["state_position"]?.shape == [3, 2] && circle["state_broken"] == nil)
        #expect(circle["scale"]?.doubles() == Array(repeating: 1, count: 6))
    }

    @Test func assembliesDifferAndFitTheBox() throws {
        let ensemble = try AssembliesPhantom(states: 6).ensemble()
        #expect(Set(ensemble.states.map(\.count)).count > 3 && ensemble.reach < 120)
        for state in ensemble.states { #expect(state.centreOfMass.length < 1e-9 && state.count >= 300) }
        #expect(message { _ = try AssembliesPhantom(states: 0).ensemble() } != nil)
    }

    @Test func compositionsLackTheirParts() throws {
        let ensemble = try CompositionPhantom(states: 6).ensemble()
        #expect(ensemble.states.map(\.count) == [3180, 2480, 2730, 2030, 2900, 2200])
        #expect(ensemble.names[3] == "without 0, 1")
        let whole = Set(ensemble.states[0].positions.map { "\($0)" })
        #expect(Set(ensemble.states[5].positions.map { "\($0)" }).isSubset(of: whole))
        #expect(message { _ = try CompositionPhantom(states: 17).ensemble() } != nil)
    }

    @Test(.enabled(if: SharedData.path("ctf/empiar10028_ctf.pkl") != nil, "\(SharedData.absence)"))
    func tableOfARealDataSetIsRead() throws {
        let path = try #require(SharedData.path("ctf/empiar10028_ctf.pkl"))
        let table = try CTFTable(path: path)
        #expect(table.rows.count > 100_000)
        #expect(table.rows.allSatisfy { $0.voltage == 300 && (2_000...60_000).contains($0.defocusU) })
        let other = try #require(SharedData.path("formats/hand_rot_trans.pkl"))
        #expect(message { _ = try CTFTable(path: other) }?.contains("no CTF table") == true)
    }
}
