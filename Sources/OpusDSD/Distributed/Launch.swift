import CryoIO
import Foundation

/// The place of this process among those that were started to train together, by `torchrun` or by SLURM's
/// `srun`.
public struct Launch: Sendable, Equatable {
    /// Number of this process, 0 ..< `size`, and number of processes.
    public var rank: Int, size: Int
    /// The same among the processes of this machine.
    public var localRank: Int, localSize: Int
    /// Where the processes meet.
    public var host: String, port: Int
    /// Whether this process runs the store that they meet at; `torchrun` may run one itself.
    public var hostsStore: Bool

    public init(
        rank: Int, size: Int, localRank: Int, localSize: Int, host: String, port: Int, hostsStore: Bool
    ) {
        (self.rank, self.size, self.localRank, self.localSize) = (rank, size, localRank, localSize)
        (self.host, self.port, self.hostsStore) = (host, port, hostsStore)
    }

    /// Reads the variables of `torchrun` (RANK, WORLD_SIZE, ...) or of a step of `srun` (SLURM_PROCID,
    /// SLURM_STEP_NUM_TASKS, ...); nil where this process was started alone.
    ///
    /// A batch script outside `srun` has SLURM_NTASKS too, but no step: it counts as alone.
    public static func detected(
        in environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(DataError) -> Launch? {
        let variables = Variables(values: environment)
        if let size = try variables.number("WORLD_SIZE") {
            return size > 1 ? try torchrun(variables, size: size) : nil
        }
        if let size = try variables.number("SLURM_STEP_NUM_TASKS"), environment["SLURM_PROCID"] != nil {
            return size > 1 ? try slurm(variables, size: size) : nil
        }
        return nil
    }

    private static func torchrun(_ variables: Variables, size: Int) throws(DataError) -> Launch {
        let rank = try variables.required("RANK", below: size)
        let agentHosts = variables.values["TORCHELASTIC_USE_AGENT_STORE"] == "True"
        return Launch(
            rank: rank, size: size, localRank: try variables.number("LOCAL_RANK") ?? rank,
            localSize: try variables.number("LOCAL_WORLD_SIZE") ?? size,
            host: variables.values["MASTER_ADDR"] ?? "127.0.0.1",
            port: try variables.required("MASTER_PORT", below: 65536), hostsStore: rank == 0 && !agentHosts)
    }

    private static func slurm(_ variables: Variables, size: Int) throws(DataError) -> Launch {
        let rank = try variables.required("SLURM_PROCID", below: size)
        let nodes = try variables.number("SLURM_STEP_NUM_NODES") ?? 1
        let list = variables.values["SLURM_STEP_NODELIST"] ?? variables.values["SLURM_NODELIST"] ?? ""
        let job = try variables.number("SLURM_JOB_ID") ?? 0
        return Launch(
            rank: rank, size: size, localRank: try variables.number("SLURM_LOCALID") ?? rank,
            localSize: max(1, size / max(1, nodes)),
            host: variables.values["MASTER_ADDR"] ?? firstNode(list),
            port: try variables.number("MASTER_PORT") ?? 20_000 + job % 20_000, hostsStore: rank == 0)
    }

    /// The first name of a SLURM node list: "gpu[07-09,12],cpu1" -> "gpu07".
    static func firstNode(_ list: String) -> String {
        let upToComma = list.prefix { $0 != "," && $0 != "[" }
        guard list.dropFirst(upToComma.count).first == "[" else {
            return upToComma.isEmpty ? "127.0.0.1" : String(upToComma)
        }
        let number = list.dropFirst(upToComma.count + 1).prefix { $0.isNumber }
        let rest = list.drop { $0 != "]" }.dropFirst().prefix { $0 != "," }
        return String(upToComma) + number + rest
    }
}

/// Environment variables as numbers, with errors that name them.
private struct Variables {
    let values: [String: String]

    func number(_ name: String) throws(DataError) -> Int? {
        guard let text = values[name] else { return nil }
        guard let value = Int(text), value >= 0 else { throw Self.unusable(name, text, "a whole number") }
        return value
    }

    func required(_ name: String, below limit: Int) throws(DataError) -> Int {
        guard let value = try number(name), value < limit else {
            throw Self.unusable(name, values[name] ?? "nothing", "a whole number below \(limit)")
        }
        return value
    }

    private static func unusable(_ name: String, _ found: String, _ wanted: String) -> DataError {
        DataError(
            file: nil, "the environment variable \(name) does not place this process among the others",
            found: found, wanted: wanted,
            remedy: "Start the processes with torchrun --no-python or srun, or clear the variable.")
    }
}
