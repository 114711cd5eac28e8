import CryoEM
import Foundation
import Torch

extension Selftest {
    private static let projectReference = Operator("dsd::project_reference")
    private static let lookupReference = Operator("dsd::lookup_reference")

    /// Projector, look-up, their gradients and that of the rotations, float32 on the device against float64.
    func projectorChecks() throws -> [Check] {
        let (batch, poses, side, box) = (3, 2, 36, 30)
        let weights = (0..<side * side * side).map { flat -> Float in
            let place = [flat % side, flat / side % side, flat / (side * side)]
            let square = place.reduce(0) { $0 + ($1 - side / 2) * ($1 - side / 2) }
            return square < side * side / 3 ? Float(1 + flat % 7) / 7 : 0
        }
        let grids = [DType.float64, .float32].map {
            VoxelGrid(weights: weights, side: side, pitch: 0.875, dtype: $0)
        }
        let (exact, single) = (grids[0], grids[1].to(device))
        let rotations = Tensor(
            (0..<batch * poses).flatMap { k -> [Float] in
                EulerAngles(rot: 37 * Double(k) + 5, tilt: 25 * Double(k) + 8, psi: 11 * Double(k) + 3)
                    .rotation.rowMajor
            }, shape: [batch, poses, 3, 3])
        let volumes = normal([batch, side, side, side], 1)
        let images = normal([batch, poses, box, box], 2)

        func results(_ grid: VoxelGrid, _ dtype: DType, _ device: Device, reference: Bool) throws -> [Tensor]
        {
            func ready(_ x: Tensor) throws -> Tensor { try x.to(dtype).to(device).requiringGradient() }
            let (v, r, i) = (try ready(volumes), try ready(rotations), try ready(images))
            let (project, lookup) =
                reference
                ? (Self.projectReference, Self.lookupReference)
                : (Operator("dsd::project"), Operator("dsd::lookup"))
            let projected = project(
                .tensor(v), .tensor(r), .tensor(grid.index), .tensor(grid.voxels), .int(box))
            let looked = lookup(
                .tensor(i), .tensor(r.detached()), .tensor(grid.index), .tensor(grid.voxels), .int(side))
            let slopes = try gradients(of: [projected], weights: [i.detached()], for: [v, r]).compactMap {
                $0
            }
            let back = try gradients(of: [looked], weights: [v.detached()], for: [i]).compactMap { $0 }
            return [projected, looked] + slopes + back
        }
        let found = try results(single, .float32, device, reference: false)
        let wanted = try results(exact, .float64, .cpu, reference: true)
        let names = [
            "projector", "look-up", "projector, gradient of volumes", "projector, gradient of rotations",
            "look-up, gradient of images",
        ]
        // The gradient of rotations jumps where a voxel passes from pixel to pixel, which rounding may
        // decide.
        var checks = try zip(names, zip(found, wanted)).map { name, pair in
            Check(
                name, against: "tensor operators, float64", found: try difference(pair.0, pair.1),
                tolerance: name.hasSuffix("rotations") ? 2e-3 : 2e-5)
        }
        // Every volume at every pose of the first.
        let first = rotations.narrow(0, 0, 1)
        let all = Projector.project(
            all: volumes.to(.float32).to(device), first.select(0, 0).to(.float32).to(device), single, box: box
        )
        let each = Self.projectReference(
            .tensor(volumes.to(.float64)), .tensor(first.to(.float64).expand([batch, poses, 3, 3])),
            .tensor(exact.index), .tensor(exact.voxels), .int(box))
        checks.append(
            Check(
                "projector, all volumes at all poses", against: "tensor operators, float64",
                found: try difference(all, each.transposed(0, 1)), tolerance: 2e-5))
        let left = try (found[0].to(.cpu).to(.float64) * images).sum().item()
        let right = try (found[1].to(.cpu).to(.float64) * volumes).sum().item()
        let scale =
            try wanted[0].square().sum().squareRoot().item() * images.square().sum().squareRoot().item()
        checks.append(
            Check(
                "<P x, y> - <x, P' y>", against: "0, relative to |P x| |y|", found: abs(left - right) / scale,
                tolerance: 1e-6))
        return checks
    }
}
