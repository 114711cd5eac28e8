import Foundation
import TestSupport
import Testing
import Torch

/// Every one of a few volumes at every pose.
@Suite struct ProjectAllTests {
    /// Groups of 8 and 16 volumes, full ones and parts of them, on grids finer and coarser than the image.
    @Test(arguments: [1, 7, 8, 9, 16, 17, 35], [0.5, 1.3]) func imagesAreThoseOfEachVolume(
        _ count: Int, _ pitch: Double
    ) throws {
        for dtype in [DType.float64, .float32] {
            let list = VoxelList(side: 9, pitch: pitch, keep: 0.7, dtype)
            let volumes = Tensor.normal([count, 9, 9, 9], seed: 3, dtype)
            let poses = Tensor.rotations(1, 5, seed: 4, dtype)
            let found = list.project(all: volumes, poses.select(0, 0), 10)
            let wanted = list.project(
                volumes, poses.expand([count, 5, 3, 3]), 10, Kernels.projectReference)
            #expect(try found.checked().shape == [5, count, 10, 10])
            #expect(
                try found.transposed(0, 1).relativeDifference(from: wanted)
                    < (dtype == .float64 ? 1e-12 : 1e-5))
        }
    }

    @Test func nothingGivesNothing() throws {
        let list = VoxelList(side: 4, pitch: 1)
        let none = Tensor.zeros([0, 4, 4, 4], .float64)
        let poses = Tensor.rotations(1, 2, seed: 1).select(0, 0)
        #expect(try list.project(all: none, poses, 5).checked().shape == [2, 0, 5, 5])
        let one = Tensor.zeros([1, 4, 4, 4], .float64)
        #expect(try list.project(all: one, .zeros([0, 3, 3], .float64), 5).checked().shape == [0, 1, 5, 5])
    }

    @Test func wrongShapesTypesAndNumbersAreErrors() throws {
        let list = VoxelList(side: 4, pitch: 1)
        let poses = Tensor.rotations(1, 2, seed: 1).select(0, 0)
        let volumes = Tensor.zeros([3, 4, 4, 4], .float64)
        #expect(try list.project(all: volumes, poses, 6).checked().shape == [2, 3, 6, 6])
        let bad = [
            list.project(all: volumes.select(0, 0), poses, 6),
            list.project(all: volumes.narrow(2, 0, 3), poses, 6),
            list.project(all: volumes, poses.unsqueeze(0), 6),
            list.project(all: volumes, poses.narrow(2, 0, 2), 6),
            list.project(all: volumes.to(.float32), poses, 6), list.project(all: volumes, poses, 0),
            list.project(all: .zeros([3, 3, 3, 3], .float64), poses, 6),
            list.project(all: volumes, poses * .nan, 6),
            list.project(all: try volumes.requiringGradient(), poses, 6),
        ]
        for failed in bad { #expect(try message(failed).contains("dsd::project_all")) }
    }
}
