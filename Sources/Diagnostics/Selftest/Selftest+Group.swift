import Torch

extension Selftest {
    /// The library that adds up gradients over processes, NCCL on a GPU and Gloo on the CPU, in a group of this
    /// process alone: that it starts, and that sum and broadcast give what they were given. A shim that was
    /// compiled without NCCL has nothing to check.
    func groupChecks() throws -> [Check] {
        let backend: ProcessGroup.Backend = device.isCUDA ? .nccl : .gloo
        let group: ProcessGroup
        do {
            group = try ProcessGroup(
                backend, host: "127.0.0.1", port: 0, hostsStore: true, rank: 0, size: 1, meeting: 60,
                timeout: 60)
        } catch {
            guard device.isCUDA, error.description.contains("compiled without NCCL") else { throw error }
            return []
        }
        let values = normal([1000], 40)
        let sent = values.to(.float32).to(device)
        let sum = try group.allReduce(sent.clone()).wait()
        let copy = try group.broadcast(sent.clone(), from: 0).wait()
        try group.barrier(device)
        return try [("sum over processes", sum), ("broadcast", copy)].map { name, found in
            Check(
                "\(name), \(backend.rawValue)", against: "the tensor of the one process",
                found: try difference(found, values), tolerance: 1e-6)
        }
    }
}
