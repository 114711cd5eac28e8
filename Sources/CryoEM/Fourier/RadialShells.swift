import Foundation
import Torch

/// Sums over the shells |k| = 0, 1 ... N/2 of a half-space transform as `rfftn` gives it, in two or three
/// dimensions. Every frequency counts, also those whose mirror image the half space leaves out.
struct RadialShells {
    let side: Int
    /// Shell of each frequency; those beyond N/2 are gathered in shell N/2 + 1. [n] int64
    let index: Tensor
    /// 1, or 2 where the mirror image is not stored. [n] float64
    let multiplicity: Tensor

    var count: Int { side / 2 + 1 }

    /// - Parameters:
    ///   - side: pixels or voxels along each axis, even.
    ///   - oversampling: how many frequencies of this grid make one shell; the shells are then
    ///     side/2/oversampling + 1.
    init(side: Int, dimensions: Int, device: Device = .cpu) {
        self.side = side
        let half = side / 2
        let full = (0..<side).map { $0 < half ? $0 : $0 - side }
        let outer = dimensions == 3 ? full : [0]
        var shells: [Int32] = []
        shells.reserveCapacity(outer.count * side * (half + 1))
        for z in outer {
            for y in full {
                let square = z * z + y * y
                for x in 0...half {
                    let radius = Double(square + x * x).squareRoot().rounded()
                    shells.append(Int32(min(Int(radius), half + 1)))
                }
            }
        }
        let row = (0...half).map { $0 == 0 || $0 == half ? 1.0 : 2.0 }
        index = Tensor(shells, shape: [shells.count]).to(.int64).to(device)
        multiplicity = Tensor(row, shape: [1, half + 1]).expand([outer.count * side, half + 1]).reshape([-1])
            .to(device)
    }

    private static let bincount = Operator("aten::bincount")

    /// Sum of real values, given in the shape of the transform, over each shell 0 ... N/2. [N/2 + 1] float64
    func sums(_ values: Tensor) -> Tensor {
        let weighted = values.to(.float64).reshape([-1]) * multiplicity
        return Self.bincount(.tensor(index), .optional(weighted), .int(count + 1)).narrow(0, 0, count)
    }
}
