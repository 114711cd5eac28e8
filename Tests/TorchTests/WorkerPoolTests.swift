import Foundation
import Synchronization
import Testing
import TestSupport
import Torch

@Suite struct WorkerPoolTests {
    struct Failure: Error, Equatable { let index: Int }

    @Test(arguments: [1, 2, 5])
    func resultsComeInTheOrderOfTheWorkers(_ count: Int) throws {
        let pool = WorkerPool(count: count)
        #expect(pool.count == count)
        for round in 0..<20 {
            let found = try pool.map { index in
                if index == 0 { usleep(300) }
                return index * 10 + round
            }
            #expect(found == (0..<count).map { $0 * 10 + round })
        }
        #expect(WorkerPool(count: 0).count == 1 && WorkerPool(count: -3).count == 1)
    }

    @Test func firstErrorInOrderIsThrownAndThePoolGoesOn() throws {
        let pool = WorkerPool(count: 4)
        for _ in 0..<5 {
            #expect(throws: Failure(index: 1)) {
                try pool.map { index in
                    if index == 1 { usleep(500) }
                    if index != 0 { throw Failure(index: index) }
                }
            }
            #expect(try pool.map { $0 } == [0, 1, 2, 3])
        }
    }

    @Test func eachIndexRunsOnceAndAllAtTheSameTime() throws {
        let pool = WorkerPool(count: 3)
        let inside = Mutex(0)
        // No worker leaves before all three are inside, which can only end well when they run together.
        _ = try pool.map { _ in
            inside.withLock { $0 += 1 }
            let deadline = Date().addingTimeInterval(20)
            while inside.withLock({ $0 }) < 3 && Date() < deadline { usleep(100) }
            guard inside.withLock({ $0 }) == 3 else { throw Failure(index: 3) }
        }
        #expect(inside.withLock { $0 } == 3)
    }

    @Test func callsFromSeveralThreadsTakeTurns() throws {
        let pool = WorkerPool(count: 2)
        let failures = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 8) { caller in
            for round in 0..<50 {
                let found = try? pool.map { caller * 1000 + round * 10 + $0 }
                if found != (0..<2).map({ caller * 1000 + round * 10 + $0 }) { failures.withLock { $0 += 1 } }
            }
        }
        #expect(failures.withLock { $0 } == 0)
    }

    @Test func gradientModeBelongsToTheWorkerAndIsRestored() throws {
        let pool = WorkerPool(count: 3)
        let x = try Tensor.doubles(2).requiringGradient()
        struct Stop: Error {}
        for _ in 0..<3 {
            let recorded = try pool.map { index in
                if index == 1 {
                    return withoutGradient {
                        usleep(500); return (x * 2).requiresGradient
                    }
                }
                if index == 2 { try? withoutGradient { throw Stop() } }
                usleep(200)
                return (x * 2).requiresGradient
            }
            #expect(recorded == [true, false, true])
        }
        #expect(try withoutGradient { try pool.map { _ in (x * 2).requiresGradient } } == [true, true, true])
        #expect((x * 2).requiresGradient)
    }

    @Test func gradientsOfSharedParametersEqualThoseOfOneThread() throws {
        let weight = try Tensor.normal([4, 2, 3, 3, 3], seed: 1).requiringGradient()
        let head = try Tensor.normal([3, 32], seed: 2).requiringGradient()
        let x = Tensor.normal([8, 2, 4, 4, 4], seed: 3)
        @Sendable func part(_ images: Range<Int>) throws -> [[Double]] {
            let y = x.narrow(0, images.lowerBound, images.count).conv3d(weight, nil, stride: 2, padding: 1)
            let loss = y.leakyReLU(0.2).reshape([images.count, 32]).linear(head, nil).square().sum()
            return try gradients(of: loss, for: [weight, head]).map { try #require($0).doubles() }
        }
        let serial = try (0..<4).map { try part((2 * $0)..<(2 * $0 + 2)) }
        let pool = WorkerPool(count: 4)
        for _ in 0..<10 {
            let parallel = try pool.map { try part((2 * $0)..<(2 * $0 + 2)) }
            for (a, b) in zip(parallel.joined(), serial.joined()) {
                let scale = b.map(abs).max() ?? 0
                #expect(zip(a, b).allSatisfy { abs($0 - $1) <= 1e-13 * scale })
            }
        }
    }

    @Test func errorsOfOperatorsReachTheCaller() {
        let pool = WorkerPool(count: 2)
        let error = #expect(throws: TorchError.self) {
            try pool.map { index in try (Tensor.zeros([2, 2]).matmul(.zeros([index + 2, 3]))).sum().item() }
        }
        #expect(error?.description.contains("aten::matmul(Float[2, 2], Float[3, 3])") == true)
    }

    @Test func threadsLeaveWhenThePoolIsFreed() async {
        await #expect(processExitsWith: .success) {
            func threads() throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
            }
            try Runtime.require()
            _ = try WorkerPool(count: 1).map { $0 }
            usleep(200_000)
            let before = try threads()
            do {
                let pool = WorkerPool(count: 6), idle = WorkerPool(count: 2)
                _ = try pool.map { $0 }
                #expect(try threads() >= before + 6)
                _ = idle
            }
            let deadline = Date().addingTimeInterval(10)
            while try threads() > before && Date() < deadline { usleep(1000) }
            #expect(try threads() <= before)
        }
    }

    @Test func workersHaveOneThreadInsideAndTheCallerKeepsItsOwn() async {
        await #expect(processExitsWith: .success) {
            let before = try Runtime.threads()
            let pool = WorkerPool(count: 3)
            #expect(try pool.map { _ in try Runtime.threads() } == [1, 1, 1])
            #expect(try Runtime.threads() == before)
            try Runtime.setThreads(2)
            #expect(try Runtime.threads() == 2)
            #expect(try pool.map { _ in try Runtime.threads() } == [1, 1, 1])
            try Runtime.setThreads(-5)
            #expect(try Runtime.threads() == 1)
        }
    }
}
