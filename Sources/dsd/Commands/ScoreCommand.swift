import Analysis
import ArgumentParser
import CryoIO
import OpusDSD
import Torch

struct ScoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Compare a run with a known truth.",
        discussion: """
            Clusters are those of dsd analyze with the same number of clusters, or else k-means of the \
            latent means. Entropy is the mean over clusters of -sum p log10 p over the states in a cluster; \
            beside every measure stands what the same clusters give when states are dealt out at random. \
            Where dsd analyze has made maps of the clusters, each is compared inside the run's mask with the \
            true map of the state that most of its particles have: area under the FSC as a share of the \
            perfect one, resolution at 0.5, and the turn and shift between the two, which are near zero \
            where the map lies in its right place.

            Example: dsd score run --truth truth.npz
            """)

    @Argument(help: ArgumentHelp("Folder of the run.", valueName: "run")) var runFolder: String
    @Option(help: "Archive with the state of every particle: truth.npz of dsd simulate.") var truth: String
    @Option(help: "Folder of the true maps (default: states/ beside the truth).") var maps: String?
    @Option(help: "Number of clusters.") var clusters = 8
    @OptionGroup var threading: ThreadsOption
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        try ErrorPrinting.reporting("score") {
            let known = try GroundTruth(path: truth, maps: maps)
            let threads = try threading.count()
            let score = try RunScore(RunFolder(runFolder), truth: known, clusters: clusters, threads: threads)
            if json { return try JSONOutput.write(score) }
            print(ScoreText(score).text)
        }
    }
}
