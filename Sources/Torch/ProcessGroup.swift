import CTorch

/// Processes that add up tensors together: libtorch's c10d over Gloo (CPU) or NCCL (GPUs).
///
/// Every process calls the same collectives in the same order. A process that ends makes the collectives of
/// the others fail, at once where its connection closes and after `timeout` where it hangs.
public final class ProcessGroup: @unchecked Sendable {
    public enum Backend: String, Sendable { case gloo, nccl }

    /// Number of this process, 0 ..< `size`.
    public let rank: Int
    public let size: Int
    private let handle: CTGroup

    /// Waits until all `size` processes have come.
    ///
    /// - Parameters:
    ///   - topic: keeps groups apart that meet at one store.
    ///   - host, port: where the store lives that the processes meet at.
    ///   - hostsStore: whether this process is the one that runs the store; once for all topics.
    ///   - meeting: seconds that the others may take to come.
    ///   - timeout: seconds that they may take in every collective.
    public init(
        _ backend: Backend, topic: String = "dsd", host: String, port: Int, hostsStore: Bool, rank: Int,
        size: Int, meeting: Double, timeout: Double
    ) throws(TorchError) {
        let api = try Shim.api()
        var made: CTGroup?
        try api.check(
            api.group_new(
                backend.rawValue, topic, host, Int32(clamping: port), hostsStore, Int32(clamping: rank),
                Int32(clamping: size), meeting, timeout, &made))
        guard let made else { throw TorchError("libtorch made no process group") }
        handle = made
        (self.rank, self.size) = (rank, size)
    }

    deinit {
        if case .success(let shim) = Shim.loaded { shim.api.group_free(handle) }
    }

    /// Starts to replace `tensor`, contiguous, by its sum over all processes; the same bits on each.
    public func allReduce(_ tensor: Tensor) throws(TorchError) -> Collective {
        let api = try Shim.api()
        var work: CTWork?
        try api.check(api.group_all_reduce(handle, try tensor.handle(), &work))
        return try Collective(work, tensor)
    }

    /// Starts to replace `tensor`, contiguous, by that of the process `root`.
    public func broadcast(_ tensor: Tensor, from root: Int) throws(TorchError) -> Collective {
        let api = try Shim.api()
        var work: CTWork?
        try api.check(api.group_broadcast(handle, try tensor.handle(), Int32(clamping: root), &work))
        return try Collective(work, tensor)
    }

    /// Returns when every process has come here.
    ///
    /// - Parameter device: of the backend's tensors: the CPU for Gloo, a GPU for NCCL.
    public func barrier(_ device: Device = .cpu) throws(TorchError) {
        let sum = try allReduce(Tensor.zeros([1], .float32, on: device)).wait()
        _ = try sum.floats()
    }

    /// A collective under way; its tensor must not be used before `wait`.
    public final class Collective: @unchecked Sendable {
        private let work: CTWork
        private let tensor: Tensor

        init(_ work: CTWork?, _ tensor: Tensor) throws(TorchError) {
            guard let work else { throw TorchError("libtorch started no collective") }
            (self.work, self.tensor) = (work, tensor)
        }

        deinit {
            if case .success(let shim) = Shim.loaded { shim.api.work_free(work) }
        }

        /// The tensor, once the collective has changed it.
        @discardableResult public func wait() throws(TorchError) -> Tensor {
            let api = try Shim.api()
            try api.check(api.work_wait(work))
            return tensor
        }
    }
}
