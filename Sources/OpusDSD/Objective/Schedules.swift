import Foundation

extension Configuration.Annealing {
    /// beta at `progress` in [0, 1] of the run.
    public func beta(at progress: Double) -> Double {
        let within = (progress * Double(cycles)).truncatingRemainder(dividingBy: 1)
        let position = progress >= 1 ? 1 : within
        let rising = ramp > 0 ? min(1, position / ramp) : 1
        return max(floor, rising)
    }
}

extension Configuration.Optimizer {
    /// Learning rate of step `step` of a stage of `total` steps, `epoch` passes done in the stage.
    public func rate(_ base: Double, step: Int, of total: Int, epoch: Int) -> Double {
        let rising = warmup > 0 ? min(1, Double(step + 1) / Double(warmup)) : 1
        let falling: Double
        switch schedule {
        case .cosine: falling = 0.5 * (1 + cos(.pi * min(1, Double(step) / Double(max(1, total)))))
        case .decay: falling = pow(decay, Double(epoch))
        case .constant: falling = 1
        }
        return base * rising * falling
    }
}
