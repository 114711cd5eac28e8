import Testing
import TestSupport
import Torch

@Suite struct ProjectorKernelTests {
    struct Case: Sendable, CustomStringConvertible {
        let box: Int, side: Int, pitch: Double, poses: Int
        var description: String { "box \(box), side \(side), pitch \(pitch), \(poses) poses" }
        var seed: UInt64 { UInt64(box * 1000 + side * 10 + poses) }
    }
    /// Every box of 4...16 with volumes of both parities, some of whose corners leave the image at most
    /// poses.
    static func cases(_ box: Int) -> [Case] {
        [(box, 1.0, 1), (box + 1, 0.7, 3), (box + 4, 0.55, 2), (box + 5, 1, 2)].map { side, pitch, poses in
            Case(box: box, side: side, pitch: pitch, poses: poses)
        }
    }

    @Test(arguments: 4...16)
    func kernelsEqualTheTensorOperators(_ box: Int) throws {
        for c in Self.cases(box) {
            for (dtype, tolerance) in [(DType.float64, 1e-12), (.float32, 1e-5)] {
                let list = VoxelList(side: c.side, pitch: c.pitch, keep: 0.6, seed: c.seed, dtype)
                let volumes = Tensor.normal([2, c.side, c.side, c.side], seed: c.seed, dtype)
                let images = Tensor.normal([2, c.poses, box, box], seed: c.seed + 1, dtype)
                let poses = Tensor.rotations(2, c.poses, seed: c.seed, dtype)
                let projected = list.project(volumes, poses, box), looked = list.lookup(images, poses)
                #expect(projected.shape == [2, c.poses, box, box] && projected.dtype == dtype, "\(c)")
                #expect(looked.shape == [2, c.side, c.side, c.side] && looked.dtype == dtype, "\(c)")
                let reference = list.project(volumes, poses, box, Kernels.projectReference)
                #expect(try projected.relativeDifference(from: reference) < tolerance, "\(c)")
                let lookReference = list.lookup(images, poses, Kernels.lookupReference)
                #expect(try looked.relativeDifference(from: lookReference) < tolerance, "\(c)")
            }
        }
    }

    @Test(arguments: 4...16)
    func rotationGradientEqualsTheOneOfTheTensorOperators(_ box: Int) throws {
        for c in Self.cases(box) {
            let list = VoxelList(side: c.side, pitch: c.pitch, keep: 0.6, seed: c.seed)
            let volumes = Tensor.normal([2, c.side, c.side, c.side], seed: c.seed)
            let images = Tensor.normal([2, c.poses, box, box], seed: c.seed + 1)
            let poses = try Tensor.rotations(2, c.poses, seed: c.seed).requiringGradient()
            let found = try [Kernels.project, Kernels.projectReference].map { kernel in
                try #require(
                    try gradients(
                        of: [list.project(volumes, poses, box, kernel)], weights: [images], for: [poses])[0])
            }
            #expect(try found[0].relativeDifference(from: found[1]) < 1e-12, "\(c)")
            #expect(
                try found[0].select(2, 2).abs().max().item() == 0, "the third row has no part in a projection"
            )
        }
    }

    @Test(arguments: 4...16)
    func lookUpIsTheExactAdjointOfProjection(_ box: Int) throws {
        for c in Self.cases(box) {
            for (dtype, tolerance) in [(DType.float64, 1e-13), (.float32, 1e-5)] {
                let list = VoxelList(side: c.side, pitch: c.pitch, seed: c.seed, dtype)
                let x = Tensor.normal([2, c.side, c.side, c.side], seed: c.seed, dtype)
                let y = Tensor.normal([2, c.poses, box, box], seed: c.seed + 1, dtype)
                let poses = Tensor.rotations(2, c.poses, seed: c.seed, dtype)
                let (px, py) = (list.project(x, poses, box).to(.float64), list.lookup(y, poses).to(.float64))
                let left = try (px * y.to(.float64)).sum().item(),
                    right = try (x.to(.float64) * py).sum().item()
                let scale = try px.norm().item() * y.to(.float64).norm().item()
                #expect(abs(left - right) <= tolerance * scale, "\(c) \(dtype)")
            }
        }
    }

    @Test func gradientsOfProjectionAndLookUpAreEachOther() throws {
        let list = VoxelList(side: 7, pitch: 0.8), poses = Tensor.rotations(2, 3, seed: 4)
        let x = try Tensor.normal([2, 7, 7, 7], seed: 1).requiringGradient()
        let y = try Tensor.normal([2, 3, 6, 6], seed: 2).requiringGradient()
        let ofVolume = try gradients(of: [list.project(x, poses, 6)], weights: [y.detached()], for: [x])[0]
        #expect(try #require(ofVolume).relativeDifference(from: list.lookup(y, poses)) < 1e-14)
        let ofImage = try gradients(of: [list.lookup(y, poses)], weights: [x.detached()], for: [y])[0]
        #expect(try #require(ofImage).relativeDifference(from: list.project(x, poses, 6)) < 1e-14)
        // Gradients that come as strided tensors, as a sum gives them.
        let ofSum = try gradients(of: list.project(x, poses, 6).sum(), for: [x])[0]
        #expect(
            try #require(ofSum).relativeDifference(from: list.lookup(.ones(y.shape, .float64), poses)) < 1e-14
        )
    }

    @Test(arguments: [(6, 6, 1.0), (7, 5, 0.6)])
    func gradientsEqualFiniteDifferences(_ side: Int, _ box: Int, _ pitch: Double) throws {
        let list = VoxelList(side: side, pitch: pitch, keep: 0.5)
        let x = try Tensor.normal([2, side, side, side], seed: 1).requiringGradient()
        let r = try Tensor.rotations(2, 2, seed: 2).requiringGradient()
        let weight = Tensor.normal([2, 2, box, box], seed: 3)
        func value(_ x: Tensor, _ r: Tensor) -> Tensor { (list.project(x, r, box).square() * weight).sum() }
        let found = try gradients(of: value(x, r), for: [x, r]).map { try #require($0).doubles() }
        let places = Array(stride(from: 0, to: x.count, by: 5))
        let ofVolume = try centralDifferences(at: x.doubles(), places) {
            try value(Tensor($0, shape: x.shape), r).item()
        }
        let scale = ofVolume.map(abs).max() ?? 0
        for (place, numeric) in zip(places, ofVolume) {
            #expect(abs(found[0][place] - numeric) < 1e-8 * scale)
        }
        let ofRotation = try centralDifferences(at: r.doubles(), 0..<r.count, h: 1e-7) {
            try value(x, Tensor($0, shape: r.shape)).item()
        }
        let largest = ofRotation.map(abs).max() ?? 0
        for (a, b) in zip(found[1], ofRotation) { #expect(abs(a - b) < 1e-6 * largest) }
    }

    @Test func resultsDoNotDependOnTheThread() throws {
        let list = VoxelList(side: 12, pitch: 0.9, .float32)
        let x = Tensor.normal([4, 12, 12, 12], seed: 1, .float32),
            y = Tensor.normal([4, 3, 10, 10], seed: 2, .float32)
        let poses = Tensor.rotations(4, 3, seed: 3, .float32)
        @Sendable func results() throws -> [[Float]] {
            let leaf = try poses.requiringGradient(), volume = try x.requiringGradient()
            let prior = Kernels.volumePrior.pair(.tensor(volume), .int(2), .int(10))
            let image = list.project(volume, leaf, 10)
            let slopes = try gradients(
                of: [image, prior.0, prior.1], weights: [y, .ones([4]), .ones([4])], for: [volume, leaf])
            let all = [image, list.lookup(y, poses), prior.0, prior.1] + slopes.compactMap { $0 }
            return try all.map { try $0.floats() }
        }
        let here = try results()
        #expect(here.count == 6)
        for threads in [1, 2, 5] {
            let alone = try WorkerPool(count: threads).map { _ in try results() }
            for found in alone { #expect(found == here) }
            let several = try WorkerPool(count: 1).map { _ in
                try Runtime.setThreads(threads)
                return try results()
            }
            #expect(several[0] == here)
        }
    }
}
