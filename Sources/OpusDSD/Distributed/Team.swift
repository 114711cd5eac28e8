import CryoEM
import CryoIO
import Torch

/// The processes that train one run together. Each has the whole model and the whole memory bank, takes a
/// part of every batch, and adds its gradients to those of the others, so that all make the same update.
///
/// The first process leads: it alone prepares images and writes to the run folder.
public final class Team: Sendable {
    public let rank: Int
    public let size: Int
    private let device: Device
    private let group: ProcessGroup
    /// Has the store that the processes meet at, which NCCL asks at its first collective.
    private let meeting: ProcessGroup
    /// Seconds that a process waits for the others in a step, after which it gives up. A process that ends is
    /// noticed at once on the CPU, and after this time on GPUs.
    private static let patience = (cpu: 600.0, gpu: 60.0)
    /// Seconds that the processes have to meet.
    private static let arrival = 600.0
    /// Seconds that the others wait while the first one prepares images.
    private static let preparation = 7.0 * 24 * 3600

    public var leads: Bool { rank == 0 }

    /// Meets the other processes, lets the first one do `preparation` while the others wait, and makes ready
    /// for training.
    public static func gathered<Prepared>(
        _ launch: Launch, device: Device, preparing body: (_ leads: Bool) throws -> Prepared
    ) throws -> (team: Team, prepared: Prepared) {
        let meeting = try translated("the processes of the run did not meet") {
            try ProcessGroup(
                .gloo, topic: "meeting", host: launch.host, port: launch.port,
                hostsStore: launch.hostsStore, rank: launch.rank, size: launch.size,
                meeting: arrival, timeout: preparation)
        }
        let leads = launch.rank == 0
        let early = leads ? try body(true) : nil
        try translated("the first process ended while it prepared the run") { try meeting.barrier() }
        let prepared = try early ?? body(false)
        return (try Team(launch, device: device, meeting: meeting), prepared)
    }

    private init(_ launch: Launch, device: Device, meeting: ProcessGroup) throws {
        self.meeting = meeting
        (rank, size, self.device) = (launch.rank, launch.size, device)
        group = try Self.translated("the processes of the run did not meet") {
            try ProcessGroup(
                device.isCUDA ? .nccl : .gloo, topic: "training", host: launch.host, port: launch.port,
                hostsStore: false, rank: launch.rank, size: launch.size,
                meeting: Self.arrival, timeout: device.isCUDA ? Self.patience.gpu : Self.patience.cpu)
        }
    }

    /// This process's share of a list: consecutive, of nearly equal size for all; and how many come before
    /// it.
    func share(_ indices: [Int]) -> (own: [Int], first: Int) {
        (TrainingStep.split(indices, into: size)[rank], indices.count * rank / size)
    }

    /// Starts to add tensors of one number type up over all processes.
    func startSum(_ tensors: [Tensor]) throws -> Sum {
        let flat = Tensor.cat(tensors.map { $0.detached().reshape([-1]) })
        return Sum(
            shapes: tensors.map(\.shape),
            work: try Self.translated(Self.lost) { try group.allReduce(flat) })
    }

    /// Sums of a tensor over all processes.
    func sum(_ tensor: Tensor) throws -> Tensor { try startSum([tensor]).finish()[0] }

    /// A sum under way.
    struct Sum {
        fileprivate let shapes: [[Int]]
        fileprivate let work: ProcessGroup.Collective

        func finish() throws -> [Tensor] {
            let flat = try Team.translated(Team.lost) { try work.wait() }
            var from = 0
            return shapes.map { shape in
                let count = shape.reduce(1, *)
                defer { from += count }
                return flat.narrow(0, from, count).reshape(shape)
            }
        }
    }

    /// The rows of all processes in order, [count, ...], from this one's rows number `first` on.
    func gathered(_ rows: Tensor, first: Int, count: Int) throws -> Tensor {
        let width = Array(rows.shape.dropFirst())
        func empty(_ rowCount: Int) -> Tensor { .zeros([rowCount] + width, rows.dtype, on: rows.device) }
        let after = count - first - rows.size(0)
        return try sum(Tensor.cat([empty(first), rows.detached(), empty(after)]))
    }

    /// Gives every process the numbers of the first one.
    func adoptFirst(_ tensors: [Tensor]) throws {
        for tensor in tensors {
            let copy = tensor.detached().contiguous().clone()
            let sent = try Self.translated(Self.lost) { try group.broadcast(copy, from: 0).wait() }
            try withoutGradient { () throws(TorchError) in try tensor.copy(from: sent) }
        }
    }

    /// Whether any process says so.
    func any(_ mine: Bool) throws -> Bool {
        try sum(Tensor.full([1], mine ? 1 : 0, .float32, on: device)).item() > 0
    }

    private static let lost = "another process of the run has ended or hangs"

    private static func translated<Value>(_ problem: String, _ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let error as TorchError {
            throw DataError(
                file: nil, problem, found: error.description,
                remedy:
                    "Look at the messages of the other processes, and start all of them again with --resume")
        }
    }
}

extension Team {
    /// Codes of all images in order, from this process's codes of images number `first` on.
    func gathered(_ codes: Codes, first: Int, count: Int) throws -> Codes {
        func whole(_ values: [Float]) throws -> [Float] {
            try gathered(
                Tensor(values, shape: [codes.count, codes.width]).to(device), first: first, count: count
            ).floats()
        }
        return Codes(mean: try whole(codes.mean), logSigma: try whole(codes.logSigma), width: codes.width)
    }

    /// The same of codes with poses.
    func gathered(
        _ outcome: JointInference.Outcome, first: Int, count: Int
    ) throws -> JointInference.Outcome {
        func whole(_ values: [Double]) throws -> [Double] {
            let rows = Tensor(values, shape: [outcome.cells.count, values.count / outcome.cells.count])
            return try gathered(rows.to(device), first: first, count: count).doubles()
        }
        return JointInference.Outcome(
            codes: try gathered(outcome.codes, first: first, count: count),
            changes: PoseChanges(table: try whole(outcome.changes.table)),
            cells: try whole(outcome.cells.map(Double.init)).map { Int($0.rounded()) })
    }
}
