import CryoEM
import CryoIO
import Foundation
import Latent

/// Whether clusters are states or only views, defoci or micrographs: how much each of these says about which
/// cluster a particle is in.
public struct Occupancy: Sendable {
    public enum Property: String, Codable, Sendable, CaseIterable {
        case view, defocus, micrograph
    }

    /// One property's hold on one cluster.
    public struct Bias: Codable, Sendable, Equatable {
        public var property: Property
        /// Information about membership, as a share of all, less what chance gives; 0 to 1.
        public var share: Double
        /// Probability of as much by chance, from permutations.
        public var probability: Double
        /// Whether the cluster is to be doubted as a state.
        public var isFlagged: Bool
    }

    /// A property flags a cluster when it decides at least this share of the membership and chance gives as
    /// much in at most one of a hundred permutations. States of a molecule that prefers some views share a
    /// few percent with them; a cluster that is nothing but a view or a defocus shares most.
    public static let leastShare = 0.2
    public static let mostProbable = 0.01
    static let defocusClasses = 10

    /// One list a cluster; micrographs only where the particles have several.
    public let biases: [[Bias]]
    /// Particles of each tenth of the defoci, [clusters][10].
    let defocus: [[Int]]

    init(_ clustering: Clustering, particles: ParticleSet, seed: UInt64) throws {
        let k = clustering.centres.rows
        let defoci = Association.quantiles(
            particles.ctf.map { ($0.defocusU + $0.defocusV) / 2 }, parts: Self.defocusClasses)
        var classes: [(Property, [Int])] = [(.view, particles.viewClasses()), (.defocus, defoci)]
        if let micrographs = particles.micrographs, Set(micrographs).count > 1 {
            classes.append((.micrograph, micrographs))
        }
        var lists = [[Bias]](repeating: [], count: k)
        for (property, values) in classes {
            let found = try Association(labels: clustering.labels, count: k, classes: values, seed: seed)
            for (cluster, one) in found.clusters.enumerated() {
                lists[cluster].append(
                    Bias(
                        property: property, share: one.share, probability: one.probability,
                        isFlagged: one.share >= Self.leastShare && one.probability <= Self.mostProbable))
            }
        }
        biases = lists
        var counts = [[Int]](repeating: [Int](repeating: 0, count: Self.defocusClasses), count: k)
        for (cluster, part) in zip(clustering.labels, defoci) { counts[cluster][part] += 1 }
        defocus = counts
    }

    /// Writes `bias.csv` and `defocus_classes.npy`.
    func write(to folder: StagedFolder) throws {
        let rows = biases.enumerated().flatMap { cluster, list in
            list.map { bias in
                "\(cluster),\(bias.property.rawValue),"
                    + String(format: "%.4f,%.4f", bias.share, bias.probability) + ",\(bias.isFlagged ? 1 : 0)"
            }
        }
        try AtomicFile.write(
            text: (["cluster,property,share,probability,flagged"] + rows).joined(separator: "\n") + "\n",
            to: folder.file("bias.csv"))
        try NPYArray(shape: [defocus.count, Self.defocusClasses], integers: defocus.flatMap { $0 })
            .write(to: folder.file("defocus_classes.npy"))
    }
}
