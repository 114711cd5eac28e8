import CryoEM
import Foundation
import Torch

/// Looks at images at poses under volumes, and makes the predictions linear in pose, contrast and code.
struct PoseLook {
    let data: StageData
    /// Changes that the images and poses of the stage have already.
    let present: PoseChanges

    init(_ data: StageData) {
        self.data = data
        present = data.particles.changes ?? PoseChanges(count: data.particles.count)
    }

    /// Longest step of a turn, and of a shift in pixels.
    private static let longestTurn = 5 * Double.pi / 180, longestShift = 1.5
    private static let contrasts = 0.3...3.0

    /// Turn (radians), shift (pixels of the stage) and contrast less 1 of particles in `changes`, [6] each.
    func unknowns(_ changes: PoseChanges) -> [[Double]] {
        (0..<changes.count).map { row in
            let (turn, shift) = (changes.turns[row], changes.shifts[row] / data.geometry.pixelSize)
            return [turn.x, turn.y, turn.z, shift.x, shift.y, changes.contrasts[row] - 1]
        }
    }

    func changes(_ unknowns: [[Double]]) -> PoseChanges {
        var changes = PoseChanges(count: unknowns.count)
        for (row, u) in unknowns.enumerated() {
            changes.turns[row] = SIMD3(u[0], u[1], u[2])
            changes.shifts[row] = SIMD2(u[3], u[4]) * data.geometry.pixelSize
            changes.contrasts[row] = 1 + u[5]
        }
        return changes
    }

    /// A step towards a posterior mean, no longer than the prediction is linear for.
    static func moved(_ from: [Double], to goal: [Double]) -> [Double] {
        func shortened(_ range: Range<Int>, _ longest: Double) -> [Double] {
            let step = range.map { goal[$0] - from[$0] }
            let length = step.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let factor = length > longest ? longest / length : 1
            return zip(range, step).map { from[$0] + factor * $1 }
        }
        let contrast = min(max(1 + goal[5], contrasts.lowerBound), contrasts.upperBound) - 1
        return shortened(0..<3, longestTurn) + shortened(3..<5, longestShift) + [contrast]
    }

    /// `JointLikelihood`'s Gram matrices of a batch at its present poses, [B, n, n]. Poses of a search and
    /// masks of the error play no part.
    /// - Parameter volumes: a volume, its derivatives by the code and its moments, `StageData.withMoments`.
    func grams(_ batch: ParticleBatch, _ volumes: Tensor) -> Tensor {
        let count = batch.indices.count
        func onDevice(_ values: [Float], _ shape: [Int]) -> Tensor {
            Tensor(values, shape: shape).to(batch.transfer.dtype).to(data.device)
        }
        let rotations = batch.indices.flatMap { data.particles.rotations[$0].rowMajor }
        let contrasts = onDevice(batch.indices.map { Float(present.contrasts[$0]) }, [count, 1, 1])
        let table = data.derivatives(
            volumes, rotations: onDevice(rotations, [count, 3, 3]), batch,
            transfer: batch.transfer / contrasts)
        return table.matmul(table.transposed(1, 2))
    }
}
