import Foundation
import TestSupport
import Testing
import Torch

/// Process groups; the processes are threads here, which meet over the loopback interface all the same.
@Suite struct ProcessGroupTests {
    /// Runs `body` as `size` ranks and returns their results in order.
    static func ranks<Value: Sendable>(
        _ size: Int, timeout: Double = 20, _ body: @escaping @Sendable (ProcessGroup) throws -> Value
    ) throws -> [Value] {
        let port = try freePort()
        let pool = WorkerPool(count: size)
        return try pool.map { rank in
            try body(
                ProcessGroup(
                    .gloo, host: "127.0.0.1", port: port, hostsStore: rank == 0, rank: rank, size: size,
                    meeting: 20, timeout: timeout))
        }
    }

    @Test(arguments: [2, 3])
    func sumsAreTheSameBitsOnEveryRank(_ size: Int) throws {
        let sums = try Self.ranks(size) { group in
            let mine = Tensor.normal([1000], seed: UInt64(group.rank + 1)).to(.float32)
            return try group.allReduce(mine).wait().floats()
        }
        let parts = try (1...size).map { try Tensor.normal([1000], seed: UInt64($0)).floats() }
        let wanted = (0..<1000).map { k in parts.reduce(Float(0)) { $0 + $1[k] } }
        for found in sums {
            #expect(found == sums[0])
            for (a, b) in zip(found, wanted) { #expect(abs(a - b) < 1e-5) }
        }
    }

    @Test func broadcastGivesTheRootsNumbers() throws {
        let found = try Self.ranks(2) { group in
            let mine = Tensor([Float](repeating: Float(group.rank), count: 4), shape: [4])
            return try group.broadcast(mine, from: 1).wait().floats()
        }
        #expect(found == [[1, 1, 1, 1], [1, 1, 1, 1]])
    }

    @Test func collectivesUnderWayDoNotMix() throws {
        let found = try Self.ranks(2) { group in
            let started = try (0..<8).map { k in
                try group.allReduce(Tensor([Float(k + group.rank)], shape: [1]))
            }
            return try started.map { try $0.wait().floats()[0] }
        }
        #expect(found[0] == (0..<8).map { Float(2 * $0 + 1) } && found[1] == found[0])
    }

    @Test func aRankThatLeavesEndsTheOthersWithAnError() throws {
        let started = Date()
        let failed = try Self.ranks(2) { group -> Bool in
            try group.barrier()
            guard group.rank == 0 else { return true }
            // The other rank's group is gone; nobody adds to this sum.
            do { try group.barrier() } catch { return true }
            return false
        }
        #expect(failed == [true, true] && Date().timeIntervalSince(started) < 30)
    }

    @Test func processesThatDoNotComeEndTheOthersWithAnError() throws {
        let port = try freePort()
        func start(hostsStore: Bool) -> TorchError? {
            #expect(throws: TorchError.self) {
                _ = try ProcessGroup(
                    .gloo, host: "127.0.0.1", port: port, hostsStore: hostsStore, rank: hostsStore ? 0 : 1,
                    size: 2,
                    meeting: 2, timeout: 3600)
            }
        }
        let started = Date()
        #expect(start(hostsStore: true)?.description.contains("of 2 processes 1 came") == true)
        #expect(start(hostsStore: false) != nil)
        #expect(Date().timeIntervalSince(started) < 30)
    }

    @Test func aBackendThatIsAbsentIsAnErrorThatSaysSo() throws {
        let error = #expect(throws: TorchError.self) {
            _ = try ProcessGroup(
                .nccl, host: "127.0.0.1", port: freePort(), hostsStore: true, rank: 0, size: 1,
                meeting: 5, timeout: 5)
        }
        guard try Runtime.cudaDeviceCount() == 0 else { return }
        #expect(error?.description.isEmpty == false)
    }
}
