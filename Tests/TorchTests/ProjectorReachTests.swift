import Foundation
import Testing
import TestSupport
import Torch

/// Voxels that leave the image, and lists that cannot be meant.
@Suite struct ProjectorReachTests {
    /// Rotations that bring the diagonals of the cube to the image's axes and beyond.
    static let turns: Tensor = {
        var values: [Double] = []
        for step in 0..<16 {
            let (c, s) = (cos(Double(step) * .pi / 8), sin(Double(step) * .pi / 8))
            values += [c, -s, 0, s, c, 0, 0, 0, 1]
            values += [c, 0, s, 0, 1, 0, -s, 0, c]
            values += [1, 0, 0, 0, c, -s, 0, s, c]
            let t = 1 / 3.0.squareRoot(), h = 1 / 2.0.squareRoot(), g = 1 / 6.0.squareRoot()
            values += [
                t, t, t, h * c - g * s, -h * c - g * s, 2 * g * s, h * s + g * c, -h * s + g * c, -2 * g * c,
            ]
        }
        return Tensor(values, shape: [1, 64, 3, 3])
    }()

    @Test(arguments: [(4, 16), (5, 16), (4, 17), (1, 9), (2, 9), (33, 9)])
    func aSmallImageIsTheMiddleOfALargeOneAtEveryTurn(_ box: Int, _ side: Int) throws {
        for (dtype, tolerance) in [(DType.float64, 1e-12), (.float32, 2e-5)] {
            let list = VoxelList(side: side, pitch: 1, dtype), poses = Self.turns.to(dtype)
            let volume = Tensor.normal([1, side, side, side], seed: 1, dtype)
            let large = box + 2 * side, margin = large / 2 - box / 2
            let whole = list.project(volume, poses, large)
            let middle = whole.narrow(2, margin, box).narrow(3, margin, box)
            #expect(try list.project(volume, poses, box).relativeDifference(from: middle) < tolerance)
            // Nothing is lost on an image that holds all of it, and nothing is put at its edge.
            let mass = (volume.flattened().indexSelect(0, list.index.to(.int64)) * list.voxels.select(0, 3))
                .to(.float64).sum()
            let sums = whole.to(.float64).sum([2, 3])
            #expect(try (sums - mass).abs().max().item() < tolerance * 100)
            #expect(
                try whole.select(2, 0).abs().max().item() == 0
                    && whole.select(3, large - 1).abs().max().item() == 0)
            // The look-up sees zero outside the image.
            let image = Tensor.normal([1, 64, box, box], seed: 2, dtype)
            let right = large - box - margin
            let padded = image.pad([margin, right, margin, right])
            #expect(
                try list.lookup(image, poses).relativeDifference(from: list.lookup(padded, poses)) < tolerance
            )
        }
    }

    @Test func matricesThatStretchStayInsideToo() throws {
        let list = VoxelList(side: 8, pitch: 1), volume = Tensor.normal([1, 8, 8, 8], seed: 1)
        for stretch in [1.0 + 1e-7, 1.4, 3, 40] {
            let poses = Tensor.rotations(1, 5, seed: 3) * stretch
            let found = list.project(volume, poses, 8)
            #expect(
                try found.relativeDifference(from: list.project(volume, poses, 8, Kernels.projectReference))
                    < 1e-12)
            let sheared = Tensor([stretch, stretch, 0, 0, 0.1, 0, 0, 0, 1], shape: [1, 1, 3, 3])
            let other = list.project(volume, sheared, 8)
            #expect(
                try other.relativeDifference(from: list.project(volume, sheared, 8, Kernels.projectReference))
                    < 1e-12)
        }
    }

    @Test func matricesThatAreNoNumbersAreErrors() throws {
        let list = VoxelList(side: 6, pitch: 1), volume = Tensor.zeros([1, 6, 6, 6], .float64)
        for bad in [Double.nan, .infinity, -.infinity, 1e200, 1e9] {
            let poses = Tensor([bad, 0, 0, 0, 1, 0, 0, 0, 1], shape: [1, 1, 3, 3])
            #expect(try message(list.project(volume, poses, 6)).contains("dsd::project"))
            #expect(try message(list.lookup(.zeros([1, 1, 6, 6], .float64), poses)).contains("dsd::lookup"))
        }
    }

    @Test func listsThatLeaveTheGridAreErrors() throws {
        let volume = Tensor.zeros([1, 2, 2, 2]), pose = Tensor.identity(3).reshape([1, 1, 3, 3])
        for (index, x) in [
            (Int32(8), Float(0)), (-1, 0), (.max, 0), (.min, 0), (0, .nan), (0, .infinity), (0, 1e30),
        ] {
            let list = [Tensor([index], shape: [1]), Tensor([x, 0, 0, 1], shape: [4, 1])]
            let project = Kernels.project(
                .tensor(volume), .tensor(pose), .tensor(list[0]), .tensor(list[1]), .int(4))
            #expect(try message(project).contains("indices below 8 and finite coordinates"))
            let images = Tensor.zeros([1, 1, 4, 4])
            let lookup = Kernels.lookup(
                .tensor(images), .tensor(pose), .tensor(list[0]), .tensor(list[1]), .int(2))
            #expect(try message(lookup).contains("indices below 8 and finite coordinates"))
        }
    }

    @Test func emptyListsBatchesAndPosesGiveEmptyOrZeroResults() throws {
        let empty = (Tensor([Int32](), shape: [0]), Tensor.zeros([4, 0])),
            pose = Tensor.identity(3).reshape([1, 1, 3, 3])
        let image = Kernels.project(
            .tensor(.ones([1, 2, 2, 2])), .tensor(pose), .tensor(empty.0), .tensor(empty.1), .int(3))
        try expect(image, [1, 1, 3, 3], [Double](repeating: 0, count: 9))
        let list = VoxelList(side: 4, pitch: 1, .float32)
        #expect(
            try list.project(.zeros([0, 4, 4, 4]), .zeros([0, 2, 3, 3]), 5).checked().shape == [0, 2, 5, 5])
        #expect(try list.lookup(.zeros([2, 0, 5, 5]), .zeros([2, 0, 3, 3])).sum().item() == 0)
    }

    @Test func wrongShapesAndTypesAreErrors() throws {
        let list = VoxelList(side: 4, pitch: 1, .float32), poses = Tensor.rotations(2, 3, seed: 1, .float32)
        let volumes = Tensor.zeros([2, 4, 4, 4]), images = Tensor.zeros([2, 3, 6, 6])
        #expect(try list.project(volumes, poses, 6).checked().shape == images.shape)
        #expect(try list.lookup(images, poses).checked().shape == volumes.shape)
        let projections = [
            list.project(volumes, poses.select(1, 0), 6), list.project(volumes.narrow(0, 0, 1), poses, 6),
            list.project(.zeros([2, 2, 4, 8]), poses, 6), list.project(volumes.select(0, 0), poses, 6),
            list.project(.zeros([2, 3, 3, 3]), poses, 6), list.project(volumes.to(.float64), poses, 6),
            list.project(volumes, poses.to(.float64), 6), list.project(volumes, poses, 0),
            list.project(volumes, poses, -4),
            list.project(volumes, poses, 1 << 40), list.project(volumes.to(.int64), poses, 6),
        ]
        for failed in projections { #expect(try message(failed).contains("dsd::project(")) }
        let lookups = [
            list.lookup(.zeros([2, 3, 6, 5]), poses), list.lookup(.zeros([2, 2, 6, 6]), poses),
            list.lookup(.zeros([1, 3, 6, 6]), poses), list.lookup(images.select(0, 0), poses),
            list.lookup(images.to(.float64), poses), list.lookup(images, poses.narrow(3, 0, 2)),
        ]
        for failed in lookups { #expect(try message(failed).contains("dsd::lookup(")) }
        let n = list.index.count
        func lists(_ index: Tensor, _ voxels: Tensor) -> Tensor {
            Kernels.project(.tensor(volumes), .tensor(poses), .tensor(index), .tensor(voxels), .int(6))
        }
        let bad = [
            lists(list.index.to(.int64), list.voxels), lists(list.index.narrow(0, 0, n - 1), list.voxels),
            lists(list.index, list.voxels.narrow(0, 0, 3)),
            lists(list.index, list.voxels.transposed(0, 1).contiguous().transposed(0, 1)),
            lists(.stack([list.index, list.index], 1).select(1, 0), list.voxels),
            lists(list.index, list.voxels.to(.float64)),
        ]
        for failed in bad { #expect(try message(failed).contains("dsd::project(")) }
        let leaf = try poses.requiringGradient()
        #expect(try message(list.lookup(images, leaf)).contains("no gradient for rotations"))
    }
}
