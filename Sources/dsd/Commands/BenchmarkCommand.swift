import ArgumentParser
import CryoIO
import Foundation
import Quality
import Torch

struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Measure the quality of trainings on sets with known truth.",
        discussion: """
            PLAN is a YAML file with named sets, which are simulated or read, and named configurations \
            of trainings; plans are in Benchmarks/quality. Each training runs in a process and folder of \
            its own. quality.md, quality.csv and quality.json in the output folder have one row a \
            training: separation of the states, neighbours kept, area under the FSC of images' own maps \
            beside that of the consensus and of true labels, time and memory. What is there already is \
            not made again, so an interrupted benchmark goes on where it was. \
            docs/benchmarks-quality.md explains every column.

            Example: dsd benchmark quality plan.yaml --output benchmark
            """)

    enum Kind: String, CaseIterable, ExpressibleByArgument { case quality }

    @Argument(help: "What is measured: quality.") var kind: Kind
    @Argument(help: "YAML file.") var plan: String
    @Option(help: "Folder for sets, runs and the table.") var output: String
    @Option(help: "Folder that files of sets are looked for in (default: the plan's).") var data: String?
    @Option(parsing: .upToNextOption, help: "Only these sets.") var sets: [String] = []
    @Option(parsing: .upToNextOption, help: "Only these configurations.") var configurations: [String] = []
    @Option(help: "Only this seed.") var seed: UInt64?
    @OptionGroup var threading: ThreadsOption
    @Flag(help: "Score trainings that are done once more.") var rescore = false
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        try ErrorPrinting.reporting("benchmark") {
            let chosen = try chosenPlan()
            let threads = try threading.count()
            try Runtime.require()
            try Runtime.setThreads(threads)
            Interruption.watch()
            let planFolder = (absolute(plan) as NSString).deletingLastPathComponent
            let folder = QualityFolder(absolute(output))
            let benchmark = QualityBenchmark(
                plan: chosen, folder: folder, planFolder: planFolder, data: data.map(absolute) ?? planFolder,
                program: try Self.program(), version: DSD.version, threads: threads,
                trainingThreads: threading.threads, rescores: rescore)
            let results = try benchmark.run(
                report: { ErrorPrinting.standardError($0 + "\n") }, shouldStop: { Interruption.isAsked },
                update: { try write($0, folder, title: chosen.title) })
            if json {
                try JSONOutput.write(results)
            } else {
                print(QualityTable(title: chosen.title, results: results).markdown)
            }
            if Interruption.isAsked { throw ExitCode(130) }
            if results.contains(where: { $0.status == .failed }) { throw ExitCode.failure }
        }
    }

    private func write(_ results: [QualityResult], _ folder: QualityFolder, title: String) throws {
        let table = QualityTable(title: title, results: results)
        try AtomicFile.write(text: table.markdown + "\n", to: folder.table("md"))
        try AtomicFile.write(text: table.csv, to: folder.table("csv"))
        try AtomicFile.write(text: try JSONOutput.text(results) + "\n", to: folder.table("json"))
    }

    private func chosenPlan() throws(DataError) -> QualityPlan {
        var chosen = try QualityPlan(path: plan)
        try check(sets, chosen.sets.map(\.name), "--sets")
        try check(configurations, chosen.configurations.map(\.name), "--configurations")
        if !sets.isEmpty { chosen.sets = chosen.sets.filter { sets.contains($0.name) } }
        if !configurations.isEmpty {
            chosen.configurations = chosen.configurations.filter { configurations.contains($0.name) }
        }
        if let seed {
            chosen.seeds = [seed]
            for index in chosen.configurations.indices { chosen.configurations[index].seeds = nil }
        }
        return chosen
    }

    private func check(_ names: [String], _ known: [String], _ option: String) throws(DataError) {
        for name in names where !known.contains(name) {
            throw DataError(
                file: plan, "the plan lacks what \(option) names", found: name,
                wanted: known.joined(separator: ", "))
        }
    }

    private func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

    /// This program, which trains in processes of its own.
    private static func program() throws(DataError) -> String {
        guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            throw DataError(file: "/proc/self/exe", "the program does not find its own file")
        }
        return path
    }
}
