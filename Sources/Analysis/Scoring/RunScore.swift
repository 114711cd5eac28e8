import CryoIO
import Foundation
import Latent
import OpusDSD

/// A run compared with a known truth.
public struct RunScore: Sendable, Equatable, Codable {
    public let run: String
    public let truth: String
    public let particles: Int
    /// The file with the clusters' labels; nil where k-means of the codes made them for this score.
    public let labels: String?
    public let partition: PartitionScore
    /// The same clusters against states dealt out at random.
    public let chance: PartitionScore
    /// Nearest neighbours that are looked at for `neighbourhood`.
    public let neighbours: Int
    /// Share of a particle's nearest neighbours, in the latent space, that have its state; mean over
    /// particles.
    public let neighbourhood: Double
    public let neighbourhoodByChance: Double
    public let clusters: [Int]
    public let states: [Int]
    /// `[clusters][states]`: particles of a state in a cluster.
    public let counts: [[Int]]
    /// One a cluster; nil where there are no maps of the clusters or of the states.
    public let maps: [MapScore]?

    /// - Parameters:
    ///   - clusters: how many; those of `dsd analyze` where it has made as many.
    ///   - neighbours: at most, fewer where there are fewer particles.
    /// - Throws: `DataError` where codes, labels and truth do not have one row a particle each, or maps
    ///   cannot be compared; `LatentError` where there are fewer particles than clusters.
    public init(
        _ folder: RunFolder, truth: GroundTruth, clusters: Int = 8, neighbours: Int = 20, seed: UInt64 = 0,
        threads: Int? = nil
    ) throws {
        let codes = try LatentCodes(folder).table
        try truth.check(particles: codes.rows)
        let analysis = AnalysisFolder(folder)
        let labelFile = analysis.clusters(clusters) + "/labels.npy"
        let isAnalysed = FileManager.default.fileExists(atPath: labelFile)
        var settings = KMeansSettings(clusters: clusters)
        settings.seed = seed
        let found =
            isAnalysed
            ? try Self.labels(labelFile, particles: codes.rows)
            : try StateClusters.fit(codes, settings, threads: threads).labels
        let table = try Contingency(clusters: found, classes: truth.states)
        run = folder.path
        self.truth = truth.file
        particles = codes.rows
        labels = isAnalysed ? labelFile : nil
        partition = PartitionScore(table)
        chance = try PartitionScore.chance(clusters: found, states: truth.states, seed: seed)
        self.neighbours = min(neighbours, max(1, codes.rows - 1))
        neighbourhood = try NeighbourhoodMeasures.labelAgreement(
            of: codes, labels: truth.states, neighbours: self.neighbours, threads: threads)
        neighbourhoodByChance = Self.chanceOfEqualStates(table)
        (self.clusters, states, counts) = (table.clusters, table.classes, table.counts)
        maps = isAnalysed ? try Self.maps(table, of: clusters, analysis, folder, truth) : nil
    }

    private static func labels(_ path: String, particles: Int) throws(DataError) -> [Int] {
        let array = try NPYArray.read(path)
        guard array.shape == [particles] else {
            throw DataError(
                file: path, "there is not one label for each particle", found: "shape \(array.shape)",
                wanted: "[\(particles)]", remedy: "Run dsd analyze again")
        }
        return try array.integers()
    }

    /// That two different particles have the same state.
    private static func chanceOfEqualStates(_ table: Contingency) -> Double {
        let n = Double(table.total)
        guard n > 1 else { return 0 }
        let sizes = table.classes.indices.map { column in table.counts.reduce(0) { $0 + $1[column] } }
        return sizes.reduce(0) { $0 + Double($1) * Double($1 - 1) } / (n * (n - 1))
    }

    /// Scores of the maps that `dsd analyze` made of these clusters: `volumes/` in the clusters' folder, or
    /// in `analysis/`, which belongs to the clusters of the last analysis.
    private static func maps(
        _ table: Contingency, of count: Int, _ analysis: AnalysisFolder, _ folder: RunFolder,
        _ truth: GroundTruth
    ) throws -> [MapScore]? {
        guard let paths = truth.maps else { return nil }
        let own = "\(analysis.clusters(count))/volumes"
        let place = FileManager.default.fileExists(atPath: own) ? own : analysis.volumes
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
        func path(_ stem: String, _ cluster: Int) -> String? {
            let name = AnalysisFolder.name(stem, cluster, "mrc")
            return names.contains(name) ? "\(place)/\(name)" : nil
        }
        let decodedCount = names.count { $0.hasPrefix("decoded_") && $0.hasSuffix(".mrc") }
        guard decodedCount == count || (decodedCount == 0 && path("reconstruction", 0) != nil) else {
            return nil
        }
        let comparison = try MapComparison(truth, paths, mask: folder.mask, consensus: folder.consensus)
        var scores: [MapScore] = []
        for (row, cluster) in zip(table.counts, table.clusters) {
            let size = row.reduce(0, +)
            let most = row.max() ?? 0
            guard let column = row.firstIndex(of: most), size > 0 else { continue }
            let score = try comparison.score(
                cluster: cluster, state: table.classes[column], particles: size,
                purity: Double(most) / Double(size),
                decoded: path("decoded", cluster), reconstruction: path("reconstruction", cluster))
            if let score { scores.append(score) }
        }
        return scores
    }
}
