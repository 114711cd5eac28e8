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
    /// The map that the masks were drawn on.
    private let drawnOn: String
    private let masks: (domain: Mask, reference: Mask)
    private let domain: FilteredDomain
    private let reference: FilteredDomain

    /// A mask as it lies on the base map, and its file.
    private struct Mask {
        var path: String
        var map: DensityMap
    }

    /// - Parameters:
    ///   - base: the map that the masks were drawn on.
    ///   - domain: mask of the moving domain, in the box of the map.
    ///   - reference: mask of what it moves against.
    /// - Throws: `DataError` for maps that do not go together.
    public init(base: String, domain: String, reference: String) throws {
        let map = try Self.read(base, like: nil)
        try self.init(
            base: (base, map), drawnOn: base,
            masks: (try Self.mask(domain, like: map), try Self.mask(reference, like: map)))
    }

    private init(
        base: (path: String, map: DensityMap), drawnOn: String, masks: (domain: Mask, reference: Mask)
    ) throws {
        (self.base, self.drawnOn, self.masks) = (base, drawnOn, masks)
        let filtered = try FilteredMap(base.map)
        domain = try FilteredDomain(filtered, mask: masks.domain.map, file: masks.domain.path)
        reference = try FilteredDomain(filtered, mask: masks.reference.map, file: masks.reference.path)
    }

    /// The same study with the motions measured from one of the states: from the one whose map, in the places
    /// of both domains, is most like the base map. The masks are laid on it by a fit.
    ///
    /// The consensus of a moving molecule is smeared where it moves, and a smeared domain fits a sharp one
    /// loosely; a state fits another as well as their maps allow.
    ///
    /// - Returns: this study where there are no states.
    /// - Throws: `DataError` for maps that do not go together.
    public func fromNearest(_ states: [StateMap]) throws -> MotionStudy {
        var nearest: (path: String, map: DensityMap, likeness: Double)?
        for state in states {
            let map = try Self.read(state.path, like: base.map)
            let likeness = domain.correlation(with: map) + reference.correlation(with: map)
            if likeness > nearest?.likeness ?? -.infinity { nearest = (state.path, map, likeness) }
        }
        guard let nearest else { return self }
        let target = try FilteredMap(nearest.map)
        let held = RigidFit(reference, in: target).motion
        let moved = RigidFit(domain, in: target, starts: [held]).motion
        return try MotionStudy(
            base: (nearest.path, nearest.map), drawnOn: drawnOn,
            masks: (
                Mask(path: masks.domain.path, map: masks.domain.map.moved(by: moved)),
                Mask(path: masks.reference.path, map: masks.reference.map.moved(by: held))
            ))
    }

    /// Fits all states.
    public func findings(
        _ states: [StateMap], progress: (_ title: String, _ done: Int, _ all: Int) -> Void = { _, _, _ in }
    ) throws -> MotionFindings {
        let made = try states.enumerated().map { index, state in
            progress("maps fitted", index, states.count)
            return try fitted(state)
        }
        progress("maps fitted", states.count, states.count)
        return MotionFindings(
            base: base.path, masksOn: drawnOn,
            domain: .init(mask: masks.domain.path, centre: Self.list(domain.centre)),
            reference: .init(mask: masks.reference.path, centre: Self.list(reference.centre)), states: made)
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

    private static func mask(_ path: String, like map: DensityMap) throws(DataError) -> Mask {
        Mask(path: path, map: try SolventMask(try read(path, like: map), file: path).map)
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
