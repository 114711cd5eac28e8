import Torch

/// The batch of a step as one process sees it: its own images, and which images the whole batch has.
public struct StepBatch: Sendable {
    /// Own images, a part for each worker; empty parts are left out.
    public let parts: [ParticleBatch]
    /// Zero-based particle numbers of the whole batch.
    public let indices: [Int]
    /// Place of the first own image in the whole batch.
    let first: Int
    /// The numbers and the view classes of the whole batch, int64 [B].
    package let rows: Tensor, classes: Tensor

    /// Reads the images.
    ///
    /// - Parameter team: the processes that share the batch; nil where this one has it all.
    init(_ planned: PlannedBatch, _ data: StageData, workers: Int, team: Team? = nil) throws {
        indices = planned.indices
        let places = team.map { planned.split(into: $0.size)[$0.rank] } ?? 0..<indices.count
        first = places.lowerBound
        let own = planned.part(places)
        parts = try own.split(into: workers).filter { !$0.isEmpty }.map { try data.batch(own.part($0)) }
        rows = Tensor(indices: indices).to(data.device)
        classes = Tensor(indices: indices.map { data.particles.classes[$0] }).to(data.device)
    }
}
