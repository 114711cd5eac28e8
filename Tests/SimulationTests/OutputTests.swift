import CryoEM
import CryoIO
import Foundation
import TestSupport
import Testing
import Torch

@testable import Simulation

@Suite struct OutputTests {
    private func written(
        count: Int = 24, change: (inout SimulationSettings) -> Void = { _ in }
    ) throws -> (TemporaryFolder, ParticleSimulator, SimulationSummary) {
        var (ensemble, settings) = try small(count: count)
        change(&settings)
        let simulator = try ParticleSimulator(ensemble: ensemble, settings: settings, threads: 2)
        let folder = try TemporaryFolder()
        return (folder, simulator, try simulator.write(to: folder.file("set")))
    }

    @Test func setHasEveryFileAndTheyAgree() throws {
        let (folder, simulator, summary) = try written {
            $0.poseError = 2
            $0.shiftError = 0.3
            $0.shares = [3, 1]
        }
        let set = folder.file("set")
        let stack = try MRCStack(path: set + "/particles.mrcs")
        #expect(stack.count == 24 && stack.width == 32 && stack.height == 32)
        #expect(abs((stack.pixelSize ?? 0) - 8) < 1e-5)
        #expect(try stack.image(7) == (try simulator.images(7..<8, scale: summary.scale)[0]))

        let star = try STARFile(path: set + "/particles.star")
        let table = try #require(star[block: "particles"])
        let truth = try NPZ.read(set + "/truth.npz")
        let particle = simulator.particle(7)
        #expect(try table.strings("rlnImageName")[7] == "000008@particles.mrcs")
        let labels = ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi"]
        let stated = try labels.map { try table.doubles($0)[7] }
        let euler = try truth.required("stated_euler", file: "truth").doubles()[21..<24]
        for (a, b) in zip(stated, euler) { #expect(abs(a - b) < 1e-5) }
        #expect(abs(try table.doubles("rlnOriginXAngst")[7] + 8 * particle.statedShift.x) < 1e-5)
        #expect(abs(try table.doubles("rlnOriginYAngst")[7] + 8 * particle.statedShift.y) < 1e-5)
        #expect(abs(try table.doubles("rlnDefocusV")[7] - particle.ctf.defocusV) < 1e-5)
        #expect(try star[block: "optics"]?.doubles("rlnImagePixelSize") == [8])

        #expect(try truth.required("state", file: "truth").integers() == simulator.states)
        let matrix = try truth.required("rotation", file: "truth")
        #expect(matrix.shape == [24, 3, 3])
        #expect(Rotation(rowMajor: Array(matrix.doubles()[63..<72])) == particle.rotation)
        #expect(truth["shift_angstrom"]?.doubles()[15] == particle.shift.y * 8)
        #expect(truth["coordinate"]?.doubles()[7] == Double(particle.state))
        #expect(truth["ctf"]?.shape == [24, 7])
        #expect(simulator.stateCounts == [18, 6])
    }

    @Test func mapsAreInImageUnits() throws {
        let (folder, simulator, summary) = try written()
        let set = folder.file("set")
        let maps = try [0, 1].map { try DensityMap.read(set + "/states/state_00\($0).mrc") }
        let sum = try Tensor(maps[1].values, shape: [32, 32, 32]).sum([0]).floats()
        let image = simulator.renderer.projection(state: 1, rotation: .identity, shift: .zero)
        #expect(relativeDifference(try (image * summary.scale.gain).floats(), sum) < 1e-5)
        let consensus = try DensityMap.read(set + "/consensus.mrc")
        #expect(
            relativeDifference(zip(maps[0].values, maps[1].values).map { ($0 + $1) / 2 }, consensus.values)
                < 1e-5)
        let mask = try DensityMap.read(set + "/mask.mrc")
        let inside = zip(mask.values, consensus.values).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        #expect(inside > 0.9 * consensus.values.reduce(0, +))
        #expect(mask.values.allSatisfy { (0...1).contains($0) } && summary.maskFraction < 0.5)
    }

    @Test func positiveOriginMovesTheContentBackToTheCentre() throws {
        let ensemble = try Ensemble(states: [try AtomModel(positions: [.zero], weights: [1])])
        var settings = SimulationSettings(count: 6, box: 32, pixelSize: 8, snr: nil)
        settings.ctf.defocus = 1000...1000
        let simulator = try ParticleSimulator(ensemble: ensemble, settings: settings, threads: 1)
        let scale = SignalScale(gain: 1, sampled: 1)
        for index in 0..<6 {
            let particle = simulator.particle(index)
            let table = try ParticleMetadata([particle], settings: settings).star(stack: "s.mrcs").blocks[1]
            let origin =
                SIMD2(try table.doubles("rlnOriginXAngst")[0], try table.doubles("rlnOriginYAngst")[0]) / 8
            #expect(abs(origin.x + particle.shift.x) < 1e-6 && abs(origin.y + particle.shift.y) < 1e-6)
            var centred = particle
            centred.shift += origin
            let image = try simulator.renderer.image(centred).floats()
            #expect(image.firstIndex(of: image.max() ?? 0) == 16 * 32 + 16)
            #expect(try simulator.images(index..<index + 1, scale: scale)[0] != image)
        }
    }

    @Test func snrMeasuredInTheFilesIsTheOneAskedFor() throws {
        let (folder, simulator, summary) = try written(count: 100) {
            $0.snr = 0.2
            $0.shares = [1, 0]
        }
        let stack = try MRCStack(path: folder.file("set/particles.mrcs"))
        var noise = 0.0
        var signal = 0.0
        for index in 0..<100 {
            let clean = try simulator.cleanImages(index..<index + 1, scale: summary.scale)[0]
            signal += SignalScale.variance(clean)
            noise += SignalScale.variance(zip(try stack.image(index), clean).map { $0 - $1 })
        }
        #expect(abs(signal / noise / 0.2 - 1) < 0.03)
        #expect(abs((summary.measuredSNR ?? 0) / 0.2 - 1) < 0.03)
    }

    @Test func summaryHoldsEverySettingAndTheDefinitionOfSNR() throws {
        let (folder, simulator, summary) = try written { $0.resolution = 30 }
        let data = try Data(contentsOf: URL(filePath: folder.file("set/dataset.json")))
        #expect(try JSONDecoder().decode(SimulationSummary.self, from: data) == summary)
        #expect(summary.settings == simulator.settings)
        #expect(summary.snrDefinition.contains("whole box"))
        #expect(abs(summary.sigma - 30 * 0.2251) < 0.01)
        #expect(summary.structures["phantom"] == "dumbbell")
    }

    @Test func progressCountsToTheEnd() throws {
        let (ensemble, settings) = try small(count: 3)
        let folder = try TemporaryFolder()
        var seen: [Int] = []
        try ParticleSimulator(ensemble: ensemble, settings: settings).write(to: folder.path) { done, count in
            seen.append(done)
            #expect(count == 3)
        }
        #expect(seen == [3])
    }

    @Test func folderThatCannotBeMadeIsNamed() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write([1], as: "taken")
        let (ensemble, settings) = try small(count: 2)
        let text = message { try ParticleSimulator(ensemble: ensemble, settings: settings).write(to: file) }
        #expect(text?.contains(file) == true && text?.contains("cannot be made") == true)
    }
}
