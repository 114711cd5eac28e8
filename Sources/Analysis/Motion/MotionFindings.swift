import CryoEM
import CryoIO
import Foundation

/// `motion.json`: how a domain moves against a reference domain from state to state. Lengths are in Angstrom
/// in the coordinates of the maps.
public struct MotionFindings: Codable, Sendable, Equatable {
    /// A domain and where it is in the base map.
    public struct Domain: Codable, Sendable, Equatable {
        public var mask: String
        public var centre: [Double]
    }

    /// One state against the base map.
    public struct State: Codable, Sendable, Equatable {
        public var name: String
        public var map: String
        /// How the map of a cluster was made; nil for a map that was given, or where an earlier version wrote
        /// the file.
        public var kind: AnalysisFolder.ClusterMap?
        /// Turn of the domain against the reference domain, degrees.
        public var rotation: Double
        /// Displacement of the domain's centre against the reference domain.
        public var translation: Double
        /// Slide along the screw axis, which DynDom calls the translation; negative against its direction.
        public var slide: Double
        /// Screw axis: direction, and its point nearest to the domain's centre; nil where hardly anything
        /// turns.
        public var axis: [Double]
        public var axisPoint: [Double]?
        /// The domain's motion against the reference domain: rotation matrix by rows, and the displacement
        /// that follows it.
        public var matrix: [Double]
        public var offset: [Double]
        /// Correlation of each domain's density with the state's map at the place found.
        public var domainCorrelation: Double
        public var referenceCorrelation: Double
        /// Where the domain's density would correlate if it had not moved.
        public var stillCorrelation: Double
    }

    /// The map that motions start from.
    public var base: String
    /// The map that the masks were drawn on; nil where an earlier version wrote the file and it is the base.
    public var masksOn: String?
    public var domain: Domain
    public var reference: Domain
    public var states: [State]

    func write(to path: String) throws { try AtomicFile.write(json: self, to: path) }

    /// Where motions start: a state in words, or the path of the base map.
    public var start: String {
        guard let masksOn, masksOn != base else { return base }
        let name = states.first { $0.map == base }?.name ?? base
        let file = (masksOn as NSString).lastPathComponent
        return "\(name), the state most like \(file); masks drawn there were laid on it by a fit"
    }

    /// What the maps of the clusters are; nil for maps that were given.
    public var mapsMeaning: String? {
        let decoded = states.filter { $0.kind == .decoded }.map(\.name)
        let made = states.count { $0.kind == .reconstruction }
        let smooth =
            "which the network drew: smoother than reconstructions, and motions in them are less exact"
        switch (made, decoded.count) {
        case (0, 0): return nil
        case (_, 0): return "reconstructions from each cluster's particles"
        case (0, _): return "decoded at the clusters' centres, \(smooth)"
        default:
            return "reconstructions from each cluster's particles; of \(decoded.joined(separator: ", ")), "
                + "which has none, decoded at the centre, \(smooth)"
        }
    }

    /// One row a state.
    var csv: String {
        let head =
            "state,rotation,translation,slide,axis_x,axis_y,axis_z,point_x,point_y,point_z,"
            + "domain_correlation,reference_correlation,kind"
        let rows = states.map { state -> String in
            let point = state.axisPoint ?? []
            let numbers =
                [state.rotation, state.translation, state.slide] + state.axis
                + (0..<3).map { $0 < point.count ? point[$0] : .nan }
                + [state.domainCorrelation, state.referenceCorrelation]
            let texts = numbers.map { $0.isNaN ? "" : String(format: "%.4f", $0) }
            return ([state.name] + texts + [state.kind?.rawValue ?? "given"]).joined(separator: ",")
        }
        return ([head] + rows).joined(separator: "\n") + "\n"
    }
}
