/// The classes that a job sorted the particles into.
public struct ParticleClasses: Sendable, Equatable {
    /// The kind of job, by the fields it leaves.
    public enum Job: String, Sendable {
        /// Classes with poses of their own: heterogeneous refinement or ab-initio reconstruction. Poses and
        /// origins of the set are those of each particle's most probable class.
        case heterogeneous
        /// Classes at the poses of one refinement: 3D classification.
        case classification
    }

    public let job: Job
    public let count: Int
    /// Probability of each class, [rows][count].
    public internal(set) var probabilities: [Float]

    /// The most probable class of each row, from 0.
    public var labels: [Int] {
        stride(from: 0, to: probabilities.count, by: max(1, count)).map { start in
            let row = probabilities[start..<start + count]
            return (row.indices.max { row[$0] < row[$1] } ?? start) - start
        }
    }

    func selecting(_ rows: [Int]) -> ParticleClasses {
        var part = self
        part.probabilities = rows.flatMap { probabilities[$0 * count..<($0 + 1) * count] }
        return part
    }
}
