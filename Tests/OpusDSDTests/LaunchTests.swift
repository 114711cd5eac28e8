import CryoIO
import Testing

@testable import OpusDSD

/// How a process learns its place from what started it.
@Suite struct LaunchTests {
    static let torchrun = [
        "RANK": "3", "WORLD_SIZE": "8", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "node5",
        "MASTER_PORT": "29400", "TORCHELASTIC_USE_AGENT_STORE": "True",
    ]
    static let slurm = [
        "SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "4", "SLURM_STEP_NUM_NODES": "2", "SLURM_LOCALID": "0",
        "SLURM_STEP_NODELIST": "gpu[07-08]", "SLURM_JOB_ID": "31234567",
    ]

    @Test func aProcessOfItsOwnHasNoPlace() throws {
        #expect(try Launch.detected(in: [:]) == nil)
        #expect(try Launch.detected(in: ["WORLD_SIZE": "1", "RANK": "0"]) == nil)
        // A batch script has the tasks of the job, but is no step of srun.
        #expect(try Launch.detected(in: ["SLURM_NTASKS": "4", "SLURM_PROCID": "0"]) == nil)
    }

    @Test func torchrunSaysWhereThisProcessStands() throws {
        let wanted = Launch(
            rank: 3, size: 8, localRank: 1, localSize: 2, host: "node5", port: 29400, hostsStore: false)
        #expect(try Launch.detected(in: Self.torchrun) == wanted)
        var first = Self.torchrun
        first["RANK"] = "0"
        #expect(try Launch.detected(in: first)?.hostsStore == false)
        first["TORCHELASTIC_USE_AGENT_STORE"] = "False"
        #expect(try Launch.detected(in: first)?.hostsStore == true)
    }

    @Test func srunSaysWhereThisProcessStands() throws {
        let wanted = Launch(
            rank: 0, size: 4, localRank: 0, localSize: 2, host: "gpu07", port: 20_000 + 31_234_567 % 20_000,
            hostsStore: true)
        #expect(try Launch.detected(in: Self.slurm) == wanted)
    }

    @Test(arguments: [
        ("gpu[07-09,12],cpu1", "gpu07"), ("node5", "node5"), ("a1,a2", "a1"), ("n[3]-ib", "n3-ib"),
        ("", "127.0.0.1"),
    ])
    func theFirstNodeOfAList(_ list: String, _ wanted: String) {
        #expect(Launch.firstNode(list) == wanted)
    }

    @Test(arguments: [("RANK", "8"), ("RANK", "two"), ("MASTER_PORT", "70000"), ("WORLD_SIZE", "-4")])
    func impossibleValuesAreErrorsThatNameTheVariable(_ name: String, _ value: String) throws {
        var environment = Self.torchrun
        environment[name] = value
        let error = try #require(throws: DataError.self) { try Launch.detected(in: environment) }
        #expect("\(error)".contains(name) && "\(error)".contains(value))
    }
}
