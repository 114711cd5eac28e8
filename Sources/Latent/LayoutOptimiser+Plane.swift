extension LayoutOptimiser {
    /// `move` for two columns, with the row on its way in registers; the same arithmetic.
    @inline(__always)
    func moveInPlane(_ v: Int, _ epoch: Int, _ step: Float) {
        let old = positions.base
        var random = RandomSource(seed: seed, UInt64(epoch), UInt64(v))
        var (x, y) = (old[2 &* v], old[2 &* v &+ 1])
        let now = Float(epoch)
        let double = 2 * step
        var e = graph.offsets.base[v]
        let last = graph.offsets.base[v &+ 1]
        while e < last {
            if due.base[e] <= now {
                due.base[e] += period.base[e]
                let end = old + 2 &* Int(graph.ends.base[e])
                let (dx, dy) = (x - end[0], y - end[1])
                let coefficient = forces.pull(LayoutForces.square(dx, dy))
                x -= double * LayoutForces.clipped(coefficient * dx)
                y -= double * LayoutForces.clipped(coefficient * dy)
                pushInPlane(v, &x, &y, step, &random)
            }
            e &+= 1
        }
        following.base[2 &* v] = x
        following.base[2 &* v &+ 1] = y
    }

    @inline(__always)
    private func pushInPlane(
        _ v: Int, _ x: inout Float, _ y: inout Float, _ step: Float, _ random: inout RandomSource
    ) {
        let old = positions.base
        let n = UInt64(graph.vertices)
        var (moveX, moveY): (Float, Float) = (0, 0)
        var left = negatives
        var bits: UInt64 = 0
        while left > 0 {
            bits = (negatives &- left) & 1 == 0 ? random.next() : bits &>> 32
            let other = Int(truncatingIfNeeded: ((bits & 0xFFFF_FFFF) &* n) &>> 32)
            if other != v {
                let (dx, dy) = (x - old[2 &* other], y - old[2 &* other &+ 1])
                let coefficient = forces.push(LayoutForces.square(dx, dy))
                moveX += LayoutForces.clipped(coefficient * dx)
                moveY += LayoutForces.clipped(coefficient * dy)
            }
            left &-= 1
        }
        x += step * moveX
        y += step * moveY
    }
}
