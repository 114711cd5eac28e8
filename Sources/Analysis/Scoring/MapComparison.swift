import CryoEM
import CryoIO
import Foundation

/// Compares maps of clusters with the maps of the true states.
struct MapComparison {
    private let truth: [Int: DensityMap]
    private let mean: DensityMap
    private let mask: DensityMap
    private let consensus: DensityMap?

    /// - Throws: `DataError` where the mask is missing or a map has another box than it.
    init(_ truth: GroundTruth, _ paths: [Int: String], mask: String, consensus: String) throws(DataError) {
        let solvent = try SolventMask(try DensityMap.read(mask), file: mask).map
        var maps: [Int: DensityMap] = [:]
        var sum = [Float](repeating: 0, count: solvent.values.count)
        for (state, path) in paths.sorted(by: { $0.key < $1.key }) {
            let map = try Self.read(path, like: solvent)
            let share = Float(truth.states.count { $0 == state }) / Float(truth.states.count)
            for voxel in sum.indices { sum[voxel] += share * map.values[voxel] }
            maps[state] = map
        }
        self.truth = maps
        self.mask = solvent
        mean = DensityMap(cube: sum, side: solvent.side, pixelSize: solvent.pixelSize)
        self.consensus =
            FileManager.default.fileExists(atPath: consensus) ? try Self.read(consensus, like: solvent) : nil
    }

    /// The score of one cluster; nil where its state has no map.
    func score(
        cluster: Int, state: Int, particles: Int, purity: Double, decoded: String?, reconstruction: String?
    ) throws -> MapScore? {
        guard let wanted = truth[state] else { return nil }
        func agreement(_ map: DensityMap) throws -> MapScore.Agreement {
            MapScore.Agreement(try FSC(map, wanted, mask: mask))
        }
        func agreement(_ path: String?) throws -> MapScore.Agreement? {
            try path.map { path in
                let map = try Self.read(path, like: mask)
                let (turn, shift) = try misplacement(of: map, from: wanted)
                return MapScore.Agreement(try FSC(map, wanted, mask: mask), turn: turn, shift: shift)
            }
        }
        return MapScore(
            cluster: cluster, state: state, particles: particles, purity: purity,
            decoded: try agreement(decoded),
            reconstruction: try agreement(reconstruction), mean: try agreement(mean),
            consensus: try consensus.map { try agreement($0) })
    }

    /// Degrees and Angstrom of the rigid motion that lays `truth`, inside the mask, best over `map`.
    private func misplacement(of map: DensityMap, from truth: DensityMap) throws -> (Double, Double) {
        var settings = RigidFit.Settings()
        settings.startAngles = []
        let domain = try FilteredDomain(try FilteredMap(truth, settings: settings), mask: mask)
        let motion = RigidFit(domain, in: try FilteredMap(map, settings: settings), settings: settings).motion
        let moved = motion * domain.centre - domain.centre
        return (motion.rotation.angle(to: .identity), (moved * moved).sum().squareRoot())
    }

    private static func read(_ path: String, like mask: DensityMap) throws(DataError) -> DensityMap {
        let map = try DensityMap.read(path)
        guard map.size == mask.size else {
            throw DataError(
                file: path, "the map's box is not that of the run's mask", found: "\(map.size)",
                wanted: "\(mask.size)", remedy: "Score with maps of the particles' box")
        }
        guard map.values.allSatisfy(\.isFinite) else {
            throw DataError(
                file: path, "the map has values that are no numbers", found: "NaN or infinity",
                remedy: "Make the map again")
        }
        // Maps of one box lie over each other voxel by voxel, whatever their headers say of the origin.
        var placed = map
        (placed.origin, placed.pixelSize) = (mask.origin, mask.pixelSize)
        return placed
    }
}
