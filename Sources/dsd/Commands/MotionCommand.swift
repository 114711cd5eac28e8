import Analysis
import ArgumentParser
import CryoIO
import Foundation
import OpusDSD
import Torch

struct MotionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "motion",
        abstract: "Rotation and translation of a domain against another between the maps of states.",
        discussion: """
            Both masks are drawn on one map, the run's consensus unless --base names another: the domain \
            that moves, and what it moves against. Each is fitted as a rigid body into every map by \
            correlation. Motions are measured from the --base map; without it from the state most like \
            the consensus, because the consensus is smeared where something moves. The maps are the \
            clusters' reconstructions that dsd analyze made, the decoded map of a cluster that has none, \
            the decoded maps of all with --decoded, or those given as --map. The run's analysis/motion/ \
            gets motion.json, motion.csv, the screw axis of every state as .bild and motion.cxc, which \
            shows them in ChimeraX.

            Example: dsd motion run --domain mask.mrc --reference mask.mrc
            """)

    @Argument(help: ArgumentHelp("Folder of the run.", valueName: "run")) var runFolder: String
    @Option(help: "Mask of the domain that moves.") var domain: String
    @Option(help: "Mask of the domain that it moves against.") var reference: String
    @Option(help: "Map that the masks were drawn on and motions start from (default: see above).")
    var base: String?
    @Option(
        name: .customLong("map"), parsing: .upToNextOption,
        help: "Maps of states in place of the run's clusters.") var maps: [String] = []
    @Flag(help: "Take the maps decoded at the cluster centres in place of the clusters' reconstructions.")
    var decoded = false
    @Option(help: "Folder for the results (default: analysis/motion in the run).") var output: String?
    @OptionGroup var threading: ThreadsOption
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        try ErrorPrinting.reporting("motion") {
            let threads = try threading.count()
            let folder = RunFolder(runFolder)
            let states = try states(folder)
            try Runtime.setThreads(threads)
            let display = ProgressByTitle()
            defer { display.finish() }
            var study = try MotionStudy(base: base ?? folder.consensus, domain: domain, reference: reference)
            // One state alone has nothing but the consensus to move from.
            if base == nil, states.count > 1 { study = try study.fromNearest(states) }
            let findings = try study.findings(states, progress: display.update)
            let target = output ?? AnalysisFolder(folder).motion
            try MotionFiles(findings).write(to: target)
            display.finish()
            if json { return try JSONOutput.write(findings) }
            print(MotionText(findings).text)
            print("axes: \(target)/motion.cxc")
        }
    }

    func validate() throws {
        guard maps.isEmpty || !decoded else {
            throw ValidationError("--decoded chooses among the run's own maps. Leave it out beside --map")
        }
    }

    private func states(_ folder: RunFolder) throws(DataError) -> [MotionStudy.StateMap] {
        if !maps.isEmpty {
            return maps.map { path in
                let name = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
                return MotionStudy.StateMap(name: name, path: path)
            }
        }
        let found = MotionStudy.clusters(AnalysisFolder(folder), decoded: decoded)
        guard !found.isEmpty else {
            throw DataError(
                file: AnalysisFolder(folder).volumes, "the run has no maps of clusters",
                remedy: "Run dsd analyze \(folder.path) first, or give maps with --map.")
        }
        return found
    }
}
