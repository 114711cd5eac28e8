import CryoIO
import Simulation
import TestSupport
import Testing
import Torch

@testable import CryoEM

/// Maps from the images nearest to a place, on two states that share half the images each.
@Suite struct LocalReconstructionTests {
    private struct Scene {
        let folder: TemporaryFolder
        let particles: ParticleSet
        let prepared: PreparedParticles
        let mask: SolventMask
        let truth: [Int: DensityMap]
        let states: [Int]

        init() throws {
            let folder = try TemporaryFolder()
            self.folder = folder
            try ParticleSimulator(
                ensemble: try DumbbellPhantom(states: 2, beadsPerLobe: 60).ensemble(),
                settings: SimulationSettings(count: 1200, box: 24, pixelSize: 11, snr: 0.3), threads: 2
            ).write(to: folder.file("data"))
            particles = try ParticleSet(path: folder.file("data/particles.star"))
            prepared = try PreparedParticles(particles, Preparation(box: 24), folder: folder.file("cache"))
            mask = try SolventMask(path: folder.file("data/mask.mrc"), box: 24, pixelSize: 11)
            truth = try Dictionary(
                uniqueKeysWithValues: (0..<2).map {
                    ($0, try DensityMap.read(folder.file("data/states/state_00\($0).mrc")))
                })
            states = try NPZ.read(folder.file("data/truth.npz")).required("state", file: "truth").integers()
        }

        func rows(_ state: Int) -> [Int] { states.indices.filter { states[$0] == state } }

        func area(_ map: DensityMap, _ state: Int) throws -> Double {
            try FSC(map, #require(truth[state]), mask: mask.map).area
        }
    }

    @Test func numbersOfImagesDoubleUpToHalf() {
        #expect(LocalReconstructor.counts(of: 8000) == [125, 250, 500, 1000, 2000, 4000])
        #expect(LocalReconstructor.counts(of: 100) == [64])
        #expect(LocalReconstructor.counts(of: 64) == [])
    }

    @Test func mapsAreThoseOfThePlaceAndAsGoodAsTrueLabelsMakeThem() throws {
        let scene = try Scene()
        let maps = try LocalReconstructor(
            scene.particles, scene.prepared, mask: scene.mask, workers: WorkerPool(count: 2))
        for state in 0..<2 {
            let own = scene.rows(state)
            let other = scene.rows(1 - state)
            let map = try maps.map(nearest: own + other)
            #expect(map.counts.count == 13 && map.decoderShares.allSatisfy { $0 == 0 })
            #expect(map.counts.contains { $0 <= own.count })
            let labelled = try Reconstruction(
                scene.particles, scene.prepared, rows: own, mask: scene.mask
            ).map
            let (found, known) = try (scene.area(map.map, state), scene.area(labelled, state))
            let mixed = try scene.area(map.map, 1 - state)
            #expect(found > known - 0.05 && found > mixed + 0.1, "\(found) \(known) \(mixed)")

            // A decoder that knows the truth helps; one of the other state is not believed.
            let helped = try maps.map(nearest: own + other, decoded: scene.truth[state])
            #expect(try scene.area(helped.map, state) > found)
            let misled = try maps.map(nearest: own + other, decoded: scene.truth[1 - state])
            #expect(try scene.area(misled.map, state) > found - 0.05)
            #expect(helped.decoderShares.reduce(0, +) > misled.decoderShares.reduce(0, +))
        }
    }

    /// Where images near and far are alike, all of them make the map.
    @Test func alikeImagesAreAllTaken() throws {
        let scene = try Scene()
        let maps = try LocalReconstructor(scene.particles, scene.prepared, mask: scene.mask)
        let mixed = scene.states.indices.map { $0 * 7 % scene.states.count }
        let found = try maps.map(nearest: mixed)
        let whole = try Reconstruction(scene.particles, scene.prepared, mask: scene.mask).map
        #expect(found.counts.dropFirst(3).allSatisfy { $0 == 1200 })
        #expect(try FSC(found.map, whole, mask: scene.mask.map).area > 0.99)
    }

    /// Refined shifts do what other origins would, turns what other angles would, and contrasts scale the map.
    @Test func refinedPosesReachTheReconstruction() throws {
        let scene = try Scene()
        let count = scene.particles.count
        let shifts = (0..<count).map { row -> SIMD2<Double> in
            SIMD2<Double>(9 * Double(row % 5 - 2), 14 * Double(row % 3 - 1))
        }
        let none = PoseChanges(count: count)
        let whole = try Reconstruction(scene.particles, scene.prepared).map
        func area(_ particles: ParticleSet, _ prepared: PreparedParticles) throws -> Double {
            try FSC(Reconstruction(particles, prepared).map, whole, mask: scene.mask.map).area
        }
        // Origins wrong on purpose, in images prepared by them, and the shifts that mend them.
        var wrong = scene.particles
        wrong.origins = zip(wrong.origins, shifts).map { $0 + $1 }
        let prepared = try PreparedParticles(wrong, Preparation(box: 24), folder: scene.folder.file("cache"))
        var changes = none
        changes.shifts = shifts
        let mended = wrong.changed(by: changes)
        for (one, other) in zip(mended.refinedOrigins, scene.particles.origins) {
            #expect(abs(one.x - other.x) < 1e-9 && abs(one.y - other.y) < 1e-9)
        }
        let (before, after) = (try area(wrong, prepared), try area(mended, prepared))
        #expect(after > 0.99 && before < after - 0.1, "\(before) \(after)")

        let step = SIMD3<Double>(0.2, -0.1, 0.3)
        let turns = (0..<count).map { row -> SIMD3<Double> in step * Double(row % 3 - 1) }
        var turned = scene.particles
        turned.angles = zip(turned.angles, turns).map {
            EulerAngles(Rotation(vector: $1).inverse * $0.rotation)
        }
        changes = none
        changes.turns = turns
        let back = turned.changed(by: changes)
        #expect(try area(back, scene.prepared) > 0.999)

        changes = none
        changes.contrasts = [Double](repeating: 2, count: count)
        let doubled = try scene.particles.changed(by: changes).selecting(Array(0..<count))
        let half = try Reconstruction(doubled, scene.prepared).map
        let cross = zip(half.values, whole.values).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        let ratio = cross / whole.values.reduce(Float(0)) { $0 + $1 * $1 }
        #expect(abs(ratio - 0.5) < 1e-3)
    }
}
