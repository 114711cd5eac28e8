import CryoIO
import Foundation
import OpusDSD
import TestSupport
import Testing
import Torch

@Suite struct NonFiniteTests {
    /// A loss that is no number stops the step and names the term and the particle it came from.
    @Test func aLossThatIsNotFiniteNamesTermAndParticles() throws {
        var c = Configuration()
        c.model.encoderWidth = 0.1
        c.model.decoderWidth = 0.01
        let tiny = TinyData()
        var pixels = try tiny.images.all.floats()
        pixels[2 * tiny.box * tiny.box + 5] = .infinity
        let images = MemoryImages(all: Tensor(pixels, shape: [tiny.count, tiny.box, tiny.box]))
        let good = try tiny.stage(c)
        let data = try StageData(
            c, geometry: good.geometry, particles: tiny.particles, images: images, consensus: tiny.consensus,
            mask: tiny.mask,
            device: .cpu)
        let model = try Model(c, geometry: data.geometry, mask: data.mask)
        let step = TrainingStep(c, data: data, model: model, workers: WorkerPool(count: 2))
        let bank = MemoryBank(classes: tiny.particles.classes, latentSize: 8, momentum: 0.7, seed: 1)
        let error = #expect(throws: NonFiniteLoss.self) {
            let batch = try step.batch([0, 1, 2, 3])
            _ = try step.gradients(
                batch, for: model.parameters, bank: bank, step: 9, beta: 1, trainsEncoder: true
            ).record.terms()
        }
        #expect(error?.particles == [2])
        #expect(error?.term == "reconstruction")
        #expect(error?.description.contains("rows) 3") == true)
    }

    /// In a run the last good state is kept.
    @Test func aRunThatDivergesLeavesItsCheckpoint() throws {
        let temporary = try TemporaryFolder()
        let particles = try TinyRun.particles(in: temporary)
        var c = TinyRun.configuration()
        c.stages[1].learningRate = 0.9
        c.optimizer.warmup = 0
        c.model.outputGain = 1e18
        c.numerics.checkpointSteps = 1
        let folder = RunFolder(temporary.file("run"))
        #expect(throws: NonFiniteLoss.self) {
            _ = try TrainingSession(new: TinyRun.record(particles, c), folder: folder, device: .cpu).run(
                observer: StopAfter(steps: .max))
        }
        let checkpoint = try Checkpoint(path: folder.latestCheckpoint)
        for (name, tensor) in checkpoint.tensors {
            #expect(try tensor.isFinite().all().item() == 1, "\(name)")
        }
    }
}
