import CryoEM
import CryoIO

/// The soft solvent mask that holds every state of a simulation.
enum StateMask {
    /// Inside is what exceeds, in at least one map, a quarter of the 95th percentile of the density (of the
    /// voxels above 2 % of the maximum); it grows by 2 voxels and falls to 0 over 4.
    /// - Precondition: at least one map, all cubes of one size.
    static func around(_ maps: [DensityMap]) throws(DataError) -> DensityMap {
        var highest = maps[0]
        for map in maps.dropFirst() {
            for i in highest.values.indices { highest.values[i] = max(highest.values[i], map.values[i]) }
        }
        let top = highest.values.max() ?? 0
        let dense = highest.values.filter { $0 > 0.02 * top }.sorted()
        let level = dense.isEmpty ? top : 0.25 * dense[Int(0.95 * Double(dense.count - 1))]
        return try SolventMask(of: highest, threshold: Double(level), extend: 2, edge: 4).map
    }
}
