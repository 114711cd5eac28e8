import CryoIO
import Foundation
import TestSupport
import Testing
import Torch

@testable import OpusDSD

/// Training in a team against training alone. The processes are threads here; `TrainTogetherTests` starts
/// real ones.
@Suite struct TeamTests {
    /// Runs `body` in teams of `size`, results in the order of ranks.
    private static func ranks<Value: Sendable>(
        _ size: Int, _ body: @escaping @Sendable (Team) throws -> Value
    ) throws -> [Value] {
        let port = try freePort()
        return try WorkerPool(count: size).map { rank in
            let launch = Launch(
                rank: rank, size: size, localRank: rank, localSize: size, host: "127.0.0.1", port: port,
                hostsStore: rank == 0)
            return try Team.gathered(launch, device: .cpu) { _ in }.team.running(body)
        }
    }

    private static func configuration() -> Configuration {
        var c = Configuration()
        c.model.latentSize = 3
        c.model.encoderWidth = 0.1
        c.model.decoderWidth = 0.01
        c.objective.lambdaTV = 0.5
        c.sampling.batch = 6
        c.numerics.workers = 1
        c.numerics.convolutions = .float32
        return c
    }

    /// Totals of 50 steps; the batches have 6, 5 or 1 images.
    private static func totals(_ team: Team?) throws -> [Double] {
        let c = configuration()
        let data = try TinyData(count: 24).stage(c)
        let run = try StageRun(c, stage: c.stages[0], data: data, workers: WorkerPool(count: 1), team: team)
        try run.start(from: [:], resuming: false, file: "")
        let batches = (0..<50).map { step in (0..<[6, 5, 1][step % 3]).map { (7 * step + 5 * $0) % 24 } }
        let reader = run.reader(batches, from: 0)
        defer { reader.stop() }
        return try batches.indices.map { step in
            try run.update(try reader.next(), step: step, beta: 0.5, rate: 1e-3).terms().total
        }
    }

    @Test(arguments: [2, 3]) func aTeamTrainsAsOneProcessDoes(_ size: Int) throws {
        let alone = try Self.totals(nil)
        for together in try Self.ranks(size, { try Self.totals($0) }) {
            for (a, b) in zip(together, alone) { #expect(abs(a - b) < 1e-4 * max(1, abs(b))) }
        }
        #expect(abs(alone[49] - alone[1]) > 1e-3)
    }

    @Test func everyProcessEndsWithTheSameWeightsAndBank() throws {
        let found = try Self.ranks(2) { team -> [[Float]] in
            let c = Self.configuration()
            let data = try TinyData(count: 12).stage(c)
            let run = try StageRun(
                c, stage: c.stages[0], data: data, workers: WorkerPool(count: 1), team: team)
            try run.start(from: [:], resuming: false, file: "")
            let reader = run.reader((0..<6).map { [$0, $0 + 1, $0 + 3] }, from: 0)
            defer { reader.stop() }
            for step in 0..<6 {
                _ = try run.update(try reader.next(), step: step, beta: 1, rate: 1e-3).terms()
            }
            return try run.checkpointParameters.map { try $0.tensor.floats() }
        }
        #expect(found[0] == found[1])
    }

    /// But for rounding: products of matrices are summed in another order for other numbers of images.
    @Test func codesAndErrorsAreThoseOfOneProcess() throws {
        let c = Self.configuration()
        let alone = try Self.evaluated(c, nil)
        let wanted = alone.codes.mean + alone.codes.logSigma
        for together in try Self.ranks(3, { try Self.evaluated(Self.configuration(), $0) }) {
            let found = together.codes.mean + together.codes.logSigma
            #expect(found.count == wanted.count && abs(together.error - alone.error) < 1e-6)
            for (a, b) in zip(found, wanted) { #expect(abs(a - b) < 1e-4 * max(1, abs(b))) }
        }
    }

    private static func evaluated(_ c: Configuration, _ team: Team?) throws -> (codes: Codes, error: Double) {
        let data = try TinyData(count: 10).stage(c)
        let model = try Model(c, geometry: data.geometry, mask: data.mask)
        let evaluation = Evaluation(c, data: data, model: model, workers: WorkerPool(count: 1), team: team)
        return (try evaluation.encode(Array(0..<10)), try evaluation.error([1, 4, 5, 7]))
    }

    @Test func aStopAskedOfOneProcessIsHeardByAll() throws {
        #expect(try Self.ranks(2) { try $0.any($0.rank == 1) } == [true, true])
        #expect(try Self.ranks(2) { try $0.any(false) } == [false, false])
    }

    @Test func aTeamWhoseMembersLeaveIsAnErrorThatSaysSo() throws {
        let messages = try Self.ranks(2) { team -> String in
            // Who left before all have met would be missed by those who wait for it to come.
            _ = try team.any(false)
            guard team.leads else { return "" }
            do { while true { _ = try team.any(false) } } catch { return "\(error)" }
        }
        #expect(
            messages[0].contains("another process of the run has ended") && messages[0].contains("--resume"))
    }

    @Test func moreProcessesThanImagesInABatchAreRefused() throws {
        var c = Self.configuration()
        c.sampling.batch = 2
        let folder = try TemporaryFolder()
        let launch = Launch(
            rank: 0, size: 3, localRank: 0, localSize: 3, host: "127.0.0.1", port: 1, hostsStore: true)
        let error = #expect(throws: DataError.self) {
            try TrainingSession(
                new: TinyRun.record("none.star", c), folder: RunFolder(folder.file("run")), device: .cpu,
                launch: launch)
        }
        #expect("\(String(describing: error))".contains("sampling.batch"))
    }
}

extension Team {
    fileprivate func running<Value>(_ body: (Team) throws -> Value) rethrows -> Value { try body(self) }
}
