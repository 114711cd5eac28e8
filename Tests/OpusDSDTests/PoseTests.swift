import CryoEM
import CryoIO
import Foundation
import TestSupport
import Testing
import Torch

@testable import OpusDSD

@Suite struct PoseTests {
    private static let random = CounterRandom(seed: 11)

    private func normals(_ item: Int, _ count: Int) -> [Double] {
        (0..<count).map { Self.random.normal(TinyData.stream, item: item, $0) }
    }

    private func vector(_ item: Int) -> SIMD3<Double> {
        let v = normals(item, 3)
        return SIMD3(v[0], v[1], v[2])
    }

    @Test func aRotationVectorComesBack() {
        for item in 0..<20 {
            let vector = vector(item) * 0.7
            let back = Rotation(vector: vector).vector
            #expect((back - vector).max() < 1e-9 && (back - vector).min() > -1e-9)
        }
        #expect(Rotation.identity.vector == .zero)
    }

    @Test func changesAreWrittenAndRead() throws {
        let folder = try TemporaryFolder()
        var changes = PoseChanges(count: 3)
        changes.turns[1] = SIMD3(0.1, -0.2, 0.05)
        changes.shifts[2] = SIMD2(1.5, -2)
        changes.contrasts[0] = 0.9
        let path = folder.file("round1.npy")
        try changes.write(to: path)
        let back = try PoseChanges(path: path, count: 3)
        #expect(back.shifts == changes.shifts && back.contrasts == changes.contrasts)
        #expect(abs(back.turns[1].y + 0.2) < 1e-12)
        let error = #expect(throws: DataError.self) { try PoseChanges(path: path, count: 4) }
        #expect(error?.file == path)
    }

    /// Turning and shifting a map says nothing of its images, so that is what is taken out.
    @Test func whatAGroupHasInCommonIsTakenOut() {
        let count = 60
        let poses = (0..<count).map { Rotation(vector: vector(100 + $0) * 2) }
        let turns = [SIMD3(0.03, -0.02, 0.05), SIMD3(-0.04, 0.01, 0.02)]
        let shifts = [SIMD3(2.0, -1, 0.5), SIMD3(-1.0, 3, 1)]
        var changes = PoseChanges(count: count)
        for row in 0..<count {
            changes.turns[row] = poses[row] * turns[row % 2]
            let seen = poses[row] * shifts[row % 2]
            changes.shifts[row] = SIMD2(seen.x, seen.y)
        }
        changes.settle(groups: (0..<count).map { $0 % 2 }, count: 2, poses: poses)
        for row in 0..<count {
            #expect(abs(changes.turns[row]).max() < 1e-9)
            #expect(abs(changes.shifts[row]).max() < 1e-4)
        }
    }

    /// Images that are linear in the unknowns: the posterior is that of the normal equations, and the prior's
    /// variances are found again.
    @Test func theVariancesOfPosesAreFound() {
        let (pixels, count) = (40, 800)
        let truth = PosePrior(turn: 0.04, shift: 0.8, contrast: 0.1)
        let code = 2
        let likelihoods = (0..<count).map { item -> JointLikelihood in
            let rows = (0..<(code + 6)).map { row in
                normals(1000 + item * 20 + row, pixels).map { $0 * (row == 0 ? 3 : row < 6 ? 20 : 4) }
            }
            let u = normals(500_000 + item, code + 6)
            // rows: x, G (code), P (5); unknowns: code, pose (5), contrast.
            let weights =
                Array(u[..<code]) + (0..<6).map { u[code + $0] * truth.variances[$0].squareRoot() }
            let noise = normals(700_000 + item, pixels)
            let image = (0..<pixels).map { p -> Double in
                let seen = (0..<(code + 5)).reduce(rows[0][p] * (1 + weights[code + 5])) {
                    $0 + rows[$1 + 1][p] * weights[$1]
                }
                return seen + noise[p]
            }
            let table = [image] + rows
            let gram = table.flatMap { a in
                table.map { b in Float(zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }) }
            }
            return JointLikelihood(
                gram: gram[...], codeSize: code, pose: [Double](repeating: 0, count: 6))
        }
        let found = PosePrior.wide.fitted(to: likelihoods)
        for (a, b) in zip(found.variances, truth.variances) { #expect(abs(a / b - 1) < 0.15) }
    }

    /// Three balls with soft edges, [1, T, T, T].
    private static func balls(side: Int) -> Tensor {
        let centres: [SIMD3<Double>] = [
            SIMD3(0.14, 0.03, -0.08), SIMD3(-0.1, 0.07, 0.1), SIMD3(0, -0.14, 0.03),
        ]
        let values = (0..<side * side * side).map { flat -> Double in
            let place =
                SIMD3(Double(flat % side), Double(flat / side % side), Double(flat / (side * side)))
                / Double(side) - 0.5
            return centres.enumerated().reduce(0) { sum, ball in
                let away = (place - ball.element) * Double(side) / 3
                return sum + Double(ball.offset + 1) * exp(-(away * away).sum() / 2)
            }
        }
        return Tensor(values, shape: [1, side, side, side]).to(.float32)
    }

    /// Rows of derivatives are the differences of predictions: their inner products with the image, with the
    /// prediction and with each other.
    @Test func derivativesAreThoseOfPredictions() throws {
        // On the image's own grid voxels leave a pattern that moves with the pose, and is no derivative.
        let scene = try PoseScene(count: 6, poseError: 0.03, volume: 48)
        #expect(scene.data.geometry.volumePitch < 0.4)
        let look = PoseLook(scene.data)
        let batch = try scene.data.batch(Array(0..<6))
        let volume = Self.balls(side: scene.data.geometry.volumeSide)
        /// At poses turned and shifted by the same for all.
        func prediction(_ turn: SIMD3<Double>, _ shift: SIMD2<Float>) throws -> [Float] {
            let poses = scene.data.particles.rotations[..<6].flatMap {
                (Rotation(vector: turn) * $0).rowMajor
            }
            return try scene.data.render(
                volume, rotations: Tensor(poses, shape: [6, 1, 3, 3]), batch,
                shifts: Tensor(
                    [Float](repeating: 0, count: 12).indices.map { shift[$0 % 2] }, shape: [6, 1, 2])
            ).floats()
        }
        func inner(_ a: [Float], _ b: [Float], _ image: Int) -> Double {
            let pixels = a.count / 6
            return (0..<pixels).reduce(0) {
                $0 + Double(a[image * pixels + $1]) * Double(b[image * pixels + $1])
            }
        }
        let grams = try look.grams(batch, scene.data.withMoments(volume)).floats()
        let (seen, centre) = (try batch.images.floats(), try prediction(.zero, .zero))
        for unknown in 0..<5 {
            let step = unknown < 3 ? 0.02 : 0.2
            func moved(_ by: Double) throws -> [Float] {
                var (turn, shift) = (SIMD3<Double>.zero, SIMD2<Float>.zero)
                if unknown < 3 { turn[unknown] = by } else { shift[unknown - 3] = Float(by) }
                return try prediction(turn, shift)
            }
            let difference = zip(try moved(step), try moved(-step)).map {
                ($0 - $1) / Float(2 * step)
            }
            for image in 0..<6 {
                for (row, other) in [(0, seen), (1, centre), (2 + unknown, difference)] {
                    let found = Double(grams[image * 49 + row * 7 + 2 + unknown])
                    let wanted = inner(other, difference, image)
                    let scale = inner(other, other, image) * inner(difference, difference, image)
                    #expect(abs(found - wanted) < 0.05 * scale.squareRoot())
                }
            }
        }
    }

    /// Images rendered at poses that the particle file has wrong: refinement brings them nearer, and finds
    /// how wrong they are.
    @Test func wrongPosesAreMended() throws {
        let scene = try PoseScene(count: 300, poseError: 0.06)
        let evaluation = Evaluation(
            scene.configuration, data: scene.data, model: scene.model, workers: WorkerPool(count: 2))
        let all = Array(0..<300)
        let codes = Codes(
            mean: scene.codes, logSigma: scene.codes.map { _ in -3 },
            width: scene.configuration.model.latentSize)
        let cells = try #require(try evaluation.cells(of: codes))
        let joint = try evaluation.joint(all, encoded: codes, cells: cells, effort: .full)
        let found = try joint.posterior(all, codes: codes)
        func error(_ changes: PoseChanges) -> Double {
            let squares = all.map { row -> Double in
                let pose = Rotation(vector: changes.turns[row]) * scene.data.particles.rotations[row]
                let away = pose.angle(to: scene.truth[row])
                return away * away
            }
            return (squares.reduce(0, +) / Double(all.count)).squareRoot()
        }
        #expect(error(found.changes) < 0.75 * error(PoseChanges(count: 300)))
        #expect(joint.prior.variances[0].squareRoot() > 0.03 && joint.prior.variances[0].squareRoot() < 0.09)
    }
}

/// Images of a decoder's maps at true poses, in a particle file whose poses are wrong.
struct PoseScene {
    let configuration: Configuration
    let model: Model
    let data: StageData
    let codes: [Float]
    let truth: [Rotation]

    /// - Parameter volume: side of the decoder's volume; 0: the default.
    init(count: Int, poseError: Double, volume: Int = 0) throws {
        var configuration = TinyRun.configuration()
        configuration.stages = [configuration.stages[0]]
        configuration.stages[0].volume = volume
        configuration.numerics.convolutions = .float32
        configuration.model.outputGain = 90
        configuration.inference.cells = 4
        configuration.inference.temperature = 1
        self.configuration = configuration
        let tiny = TinyData(count: count)
        let blank = try tiny.stage(configuration)
        let model = try Model(configuration, geometry: blank.geometry, mask: blank.mask, device: .cpu)
        self.model = model
        let random = CounterRandom(seed: 5)
        let latent = configuration.model.latentSize
        let codes = (0..<(count * latent)).map { Float(random.normal(TinyData.stream, item: 1, $0)) }
        self.codes = codes
        let truth = (0..<count).map { row -> Rotation in
            let v = (0..<3).map { random.normal(TinyData.stream, item: 2, row * 3 + $0) * poseError }
            return Rotation(vector: SIMD3(v[0], v[1], v[2])) * blank.particles.rotations[row]
        }
        self.truth = truth
        let clean = try withoutGradient { () throws -> Tensor in
            let batch = try blank.batch(Array(0..<count))
            let volumes = blank.volumes(
                Tensor(codes, shape: [count, latent]), model, gain: blank.outputGain(configuration.model))
            let poses = Tensor(truth.flatMap(\.rowMajor), shape: [count, 1, 3, 3])
            return try blank.render(volumes, rotations: poses, batch).select(1, 0).checked()
        }
        let box = blank.geometry.box
        var noise = [Float](repeating: 0, count: count * box * box)
        random.addNormals(TinyData.stream, item: 3, to: &noise, count: noise.count)
        data = try tiny.stage(
            configuration, images: MemoryImages(all: clean + Tensor(noise, shape: [count, box, box])))
    }

    func volumes(_ rows: [Int]) throws -> Tensor {
        let latent = configuration.model.latentSize
        let z = Tensor(
            rows.flatMap { codes[($0 * latent)..<(($0 + 1) * latent)] }, shape: [rows.count, latent])
        return try withoutGradient {
            try data.volumes(z, model, gain: data.outputGain(configuration.model)).checked()
        }
    }
}

private func abs<V: SIMD>(_ v: V) -> V where V.Scalar == Double {
    var out = v
    for i in 0..<V.scalarCount { out[i] = Swift.abs(v[i]) }
    return out
}
