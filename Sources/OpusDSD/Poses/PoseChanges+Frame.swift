import CryoEM

extension PoseChanges {
    /// Takes out what all images of a group have in common.
    ///
    /// A map that is turned or shifted, and the poses of its images with it, predicts the same images. So
    /// images say nothing of the frame that each state is in, and poses would drift until all states look
    /// alike. The frame is kept to that of the particle file by taking from the changes of every group, a
    /// cell of the latent space, their common turn and shift of the map.
    mutating func settle(groups: [Int], count: Int, poses: [Rotation]) {
        for group in 0..<count {
            let rows = groups.indices.filter { groups[$0] == group }
            guard rows.count > 1 else { continue }
            let turn =
                rows.reduce(SIMD3<Double>.zero) { $0 + poses[$1].inverse * turns[$1] } / Double(rows.count)
            for row in rows { turns[row] -= poses[row] * turn }
            let shift = commonShift(rows, poses)
            for row in rows {
                let seen = poses[row] * shift
                shifts[row] -= SIMD2(seen.x, seen.y)
            }
        }
    }

    /// The shift of the map whose images' shifts are nearest to those of rows.
    private func commonShift(_ rows: [Int], _ poses: [Rotation]) -> SIMD3<Double> {
        var normal = [Double](repeating: 0, count: 9)
        var pull = [Double](repeating: 0, count: 3)
        for row in rows {
            for (axis, moved) in [(poses[row].row0, shifts[row].x), (poses[row].row1, shifts[row].y)] {
                for i in 0..<3 {
                    pull[i] += axis[i] * moved
                    for j in 0..<3 { normal[i * 3 + j] += axis[i] * axis[j] }
                }
            }
        }
        for d in 0..<3 { normal[d * 3 + d] += 1e-6 * Double(rows.count) }
        let x = Cholesky(normal, order: 3).solve(pull)
        return SIMD3(x[0], x[1], x[2])
    }
}
