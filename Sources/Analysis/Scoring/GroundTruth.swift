import CryoIO
import Foundation

/// What is known of simulated particles: the state of each, and the noise-free map of each state.
///
/// Two layouts are read: `truth.npz` with the array `state` and maps `states/state_NNN.mrc` beside it, as
/// `dsd simulate` writes them, and an archive with the array `label` and maps `gt/vol_NNN.mrc`.
public struct GroundTruth: Sendable {
    public let file: String
    /// State of every particle, in the order of the particle file.
    public let states: [Int]
    /// Paths of the states' maps; nil where there are none.
    public let maps: [Int: String]?
    /// Where each state, by its number, is in a continuous family; nil where states are discrete.
    public let positions: [[Double]]?
    /// States of broken particles.
    public let broken: Set<Int>

    /// State of every particle with all states of broken particles as one.
    public var classes: [Int] {
        guard let one = broken.min() else { return states }
        return states.map { broken.contains($0) ? one : $0 }
    }

    /// - Parameter folder: of the maps; nil looks beside the file.
    /// - Throws: `DataError` where the file is no truth of particles, or a given folder lacks the map of a
    ///   state.
    public init(path: String, maps folder: String? = nil) throws(DataError) {
        file = path
        let archive = try NPZ.read(path)
        guard let array = archive["state"] ?? archive["label"] else {
            throw DataError(
                file: path, "the archive does not tell the particles' states",
                found: archive.names.joined(separator: ", "), wanted: "an array 'state' or 'label'",
                remedy: "Give the truth.npz that dsd simulate wrote")
        }
        guard array.shape.count == 1, array.count > 0 else {
            throw DataError(
                file: path, "the states are no list of one value a particle", found: "shape \(array.shape)",
                wanted: "[particles]", remedy: "Give the truth.npz that dsd simulate wrote")
        }
        states = try array.integers()
        maps = try Self.maps(of: Set(states).sorted(), beside: path, folder: folder)
        positions = try Self.positions(archive["state_position"], states: states, file: path)
        let flags = archive["state_broken"]?.bools() ?? []
        broken = Set(flags.indices.filter { flags[$0] })
    }

    private static func positions(
        _ array: NPYArray?, states: [Int], file: String
    ) throws(DataError) -> [[Double]]? {
        guard let array else { return nil }
        guard array.shape.count == 2, array.shape[1] > 0, array.shape[0] > states.max() ?? 0 else {
            throw DataError(
                file: file, "state_position does not have a row for every state",
                found: "shape \(array.shape)",
                wanted: "[\((states.max() ?? 0) + 1) or more, coordinates]")
        }
        let (values, width) = (array.doubles(), array.shape[1])
        return (0..<array.shape[0]).map { Array(values[$0 * width..<($0 + 1) * width]) }
    }

    /// - Throws: `DataError` where there is not one state for each of the run's particles.
    public func check(particles: Int) throws(DataError) {
        guard states.count == particles else {
            throw DataError(
                file: file, "the truth is not that of the run's particles",
                found: "\(states.count) particles",
                wanted: "\(particles)", remedy: "Give the truth of the particle file that was trained on")
        }
    }

    private static func maps(
        of states: [Int], beside file: String, folder: String?
    ) throws(DataError) -> [Int: String]? {
        let beside = (file as NSString).deletingLastPathComponent
        let around = beside.isEmpty ? "." : beside
        for candidate in folder.map({ [$0] }) ?? ["\(around)/states", "\(around)/gt"] {
            for stem in ["state", "vol"] {
                let paths = states.map { "\(candidate)/\(AnalysisFolder.name(stem, $0, "mrc"))" }
                guard paths.allSatisfy(FileManager.default.fileExists(atPath:)) else { continue }
                return Dictionary(uniqueKeysWithValues: zip(states, paths))
            }
        }
        guard let folder else { return nil }
        throw DataError(
            file: folder, "the folder does not hold the maps of all states",
            wanted: "\(states.map { AnalysisFolder.name("state", $0, "mrc") }.joined(separator: ", "))",
            remedy: "Give the folder states/ that dsd simulate wrote")
    }
}
