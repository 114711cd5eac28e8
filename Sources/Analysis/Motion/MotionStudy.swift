import CryoEM
import CryoIO
import Foundation

/// Fits a domain and a reference domain of a base map into the maps of states.
public struct MotionStudy: Sendable {
    /// A map with the name it goes by.
    public struct StateMap: Sendable, Equatable {
        public var name: String
        public var path: String
        /// How the map of a cluster was made; nil for a map from elsewhere.
        public var kind: AnalysisFolder.ClusterMap?

        public init(name: String, path: String, kind: AnalysisFolder.ClusterMap? = nil) {
            (self.name, self.path, self.kind) = (name, path, kind)
        }
    }

    /// Below this correlation a domain was not found.
    public static let leastCorrelation = 0.5

    /// The maps of a run's clusters, ascending: of each its reconstruction, which its particles alone made,
    /// and the decoded map where it has none.
    ///
    /// - Parameter decoded: the decoded maps of all clusters instead.
    /// - Returns: empty where the run was not analysed.
    public static func clusters(_ folder: AnalysisFolder, decoded: Bool) -> [StateMap] {
        var found: [Int: StateMap] = [:]
        // A later kind takes the place of an earlier one.
        for kind in decoded ? [.decoded] : [AnalysisFolder.ClusterMap.decoded, .reconstruction] {
            for (cluster, path) in folder.clusterMaps(kind) {
                found[cluster] = StateMap(name: "cluster \(cluster)", path: path, kind: kind)
            }
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    private let base: (path: String, map: DensityMap)
    private let masks: (domain: String, reference: String)
    private let filtered: FilteredMap
    private let domain: FilteredDomain
    private let reference: FilteredDomain

    /// - Parameters:
    ///   - base: the map that the masks were drawn on.
    ///   - domain: mask of the moving domain, in the box of the map.
    ///   - reference: mask of what it moves against.
    /// - Throws: `DataError` for maps that do not go together.
    public init(base: String, domain: String, reference: String) throws {
        let map = try Self.read(base, like: nil)
        self.base = (base, map)
        masks = (domain, reference)
        let settings = RigidFit.Settings()
        filtered = try FilteredMap(map, settings: settings)
        self.domain = try FilteredDomain(filtered, mask: try Self.mask(domain, like: map), file: domain)
        self.reference = try FilteredDomain(
            filtered, mask: try Self.mask(reference, like: map), file: reference)
    }

    /// Fits all states.
    public func findings(
        _ states: [StateMap], progress: (_ title: String, _ done: Int, _ all: Int) -> Void = { _, _, _ in }
    ) throws -> MotionFindings {
        let made = try states.enumerated().map { index, state in
            progress("fitting domains", index, states.count)
            return try fitted(state)
        }
        progress("fitting domains", states.count, states.count)
        return MotionFindings(
            base: base.path, domain: .init(mask: masks.domain, centre: Self.list(domain.centre)),
            reference: .init(mask: masks.reference, centre: Self.list(reference.centre)), states: made)
    }

    private func fitted(_ state: StateMap) throws -> MotionFindings.State {
        let target = try FilteredMap(try Self.read(state.path, like: base.map))
        let held = RigidFit(reference, in: target)
        let moved = RigidFit(domain, in: target, starts: [held.motion])
        let relative = held.motion.inverse * moved.motion
        let displacement = relative * domain.centre - domain.centre
        let screw = ScrewAxis(relative, centre: domain.centre)
        let r = relative.rotation
        return MotionFindings.State(
            name: state.name, map: state.path, kind: state.kind, rotation: screw.angle,
            translation: (displacement * displacement).sum().squareRoot(), slide: screw.slide,
            axis: Self.list(screw.direction), axisPoint: screw.point.map(Self.list),
            matrix: Self.list(r.row0) + Self.list(r.row1) + Self.list(r.row2),
            offset: Self.list(relative.translation), domainCorrelation: moved.correlation,
            referenceCorrelation: held.correlation, stillCorrelation: moved.startCorrelation)
    }

    private static func list(_ v: SIMD3<Double>) -> [Double] { [v.x, v.y, v.z] }

    private static func mask(_ path: String, like map: DensityMap) throws(DataError) -> DensityMap {
        let mask = try SolventMask(try read(path, like: map), file: path).map
        return mask
    }

    private static func read(_ path: String, like base: DensityMap?) throws(DataError) -> DensityMap {
        let map = try DensityMap.read(path)
        guard map.isCube, map.side % 2 == 0, map.pixelSize > 0, map.values.allSatisfy(\.isFinite) else {
            throw DataError(
                file: path, "a map of finite values on an even cube with a pixel size is wanted",
                found: "\(map.size) at \(map.pixelSize) A", remedy: "Correct the map's header or box")
        }
        guard let base else { return map }
        guard map.size == base.size, abs(map.pixelSize - base.pixelSize) <= 0.01 * base.pixelSize else {
            throw DataError(
                file: path, "the map's grid is not that of the base map",
                found: "\(map.size) at \(map.pixelSize) A", wanted: "\(base.size) at \(base.pixelSize) A",
                remedy: "Use maps and masks of one box and pixel size")
        }
        // Maps of one box lie over each other voxel by voxel, whatever their headers say of the origin.
        var placed = map
        (placed.origin, placed.pixelSize) = (base.origin, base.pixelSize)
        return placed
    }
}
