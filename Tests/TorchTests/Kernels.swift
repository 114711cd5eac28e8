import Foundation
import TestSupport
import Torch

/// The shim's own operators, and their second versions in plain tensor operators.
enum Kernels {
    static let project = Operator("dsd::project"), projectReference = Operator("dsd::project_reference")
    static let projectAll = Operator("dsd::project_all")
    static let lookup = Operator("dsd::lookup"), lookupReference = Operator("dsd::lookup_reference")
    static let volumePrior = Operator("dsd::volume_prior")
    static let volumePriorReference = Operator("dsd::volume_prior_reference")
    static let bankNeighbours = Operator("dsd::bank_neighbours"),
        densityLayer = Operator("dsd::density_layer")
}

/// The voxels of a cube of side T that take part in projection, as the kernels take them.
struct VoxelList {
    let side: Int
    let index: Tensor, voxels: Tensor

    /// `keep` of the voxels, chosen at random, with random weights; the cube's corners always take part.
    init(side: Int, pitch: Double, keep: Double = 1, seed: UInt64 = 1, _ dtype: DType = .float64) {
        var random = SeededGenerator(seed: seed)
        let last = side * side * side - 1
        let inside = (0...last).filter { flat in
            let ends = [flat % side, flat / side % side, flat / (side * side)].allSatisfy {
                $0 == 0 || $0 == side - 1
            }
            return ends || Double.random(in: 0..<1, using: &random) < keep
        }
        let rows = [1, side, side * side].flatMap { stride in
            inside.map { Double($0 / stride % side - side / 2) * pitch }
        }
        let weights = inside.map { _ in Double.random(in: 0.1...1, using: &random) }
        self.side = side
        index = Tensor(inside.map(Int32.init), shape: [inside.count])
        voxels = Tensor(rows + weights, shape: [4, inside.count]).to(dtype)
    }

    func project(
        _ volumes: Tensor, _ rotations: Tensor, _ box: Int, _ kernel: Operator = Kernels.project
    ) -> Tensor {
        kernel(.tensor(volumes), .tensor(rotations), .tensor(index), .tensor(voxels), .int(box))
    }

    func project(all volumes: Tensor, _ rotations: Tensor, _ box: Int) -> Tensor {
        Kernels.projectAll(.tensor(volumes), .tensor(rotations), .tensor(index), .tensor(voxels), .int(box))
    }

    func lookup(_ images: Tensor, _ rotations: Tensor, _ kernel: Operator = Kernels.lookup) -> Tensor {
        kernel(.tensor(images), .tensor(rotations), .tensor(index), .tensor(voxels), .int(side))
    }
}

extension Tensor {
    /// Random rotations [batch, poses, 3, 3], from unit quaternions.
    static func rotations(_ batch: Int, _ poses: Int, seed: UInt64, _ dtype: DType = .float64) -> Tensor {
        var random = SeededGenerator(seed: seed)
        let values = (0..<batch * poses).flatMap { _ -> [Double] in
            let q = (0..<4).map { _ in random.normal() }
            let n = q.map { $0 * $0 }.reduce(0, +).squareRoot()
            let (w, x, y, z) = (q[0] / n, q[1] / n, q[2] / n, q[3] / n)
            return [
                1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
                2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
                2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
            ]
        }
        return Tensor(values, shape: [batch, poses, 3, 3]).to(dtype)
    }
}
