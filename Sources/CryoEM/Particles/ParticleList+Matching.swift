import CryoIO
import Foundation

extension ParticleList {
    /// What makes two rows of different files the same particle.
    public enum Identity: String, Sendable, CaseIterable {
        /// Number and path of the image as the files have them.
        case name
        /// Number and file name of the image, without folder and extension: extraction jobs at another box or
        /// binning keep these.
        case fileName
        /// cryoSPARC's `uid`.
        case uid
    }

    /// The rows of this file, in its order, that are the given rows of another.
    /// - Parameter identity: nil takes the first by which every particle is found: `uid` where both files
    ///   have it, then `name`, then `fileName`.
    /// - Throws: `DataError` with the row of a particle that is not here, or is here more than once.
    public func rows(
        matching rows: [Int], of other: ParticleList, by identity: Identity? = nil
    ) throws(DataError) -> [Int] {
        if let identity { return try matched(rows, of: other, by: identity) }
        if uids != nil, other.uids != nil { return try matched(rows, of: other, by: .uid) }
        do { return try matched(rows, of: other, by: .name) } catch {
            return try matched(rows, of: other, by: .fileName)
        }
    }

    private func matched(
        _ rows: [Int], of other: ParticleList, by identity: Identity
    ) throws(DataError) -> [Int] {
        let own = try keys(identity), theirs = try other.keys(identity)
        var places: [String: Int] = [:], repeated: [String: Int] = [:]
        for (row, key) in own.enumerated() {
            if places[key] == nil { places[key] = row } else { repeated[key] = row }
        }
        var found: Set<Int> = [], missing: [Int] = []
        for row in rows {
            guard let place = places[theirs[row]] else {
                missing.append(row)
                continue
            }
            if let second = repeated[theirs[row]] {
                throw DataError(
                    file: file, at: .row(second + 1), "the particle is ambiguous by its \(identity.text)",
                    found: "\(own[second]), as in row \(place + 1)", wanted: "each particle once",
                    remedy: identity == .fileName
                        ? "Stacks of one name lie in several folders; give a file with the same image paths"
                        : "Remove the repeats")
            }
            found.insert(place)
        }
        if let first = missing.first {
            throw DataError(
                file: other.file, at: .row(first + 1),
                "the particle is not in \(file) by its \(identity.text)",
                found: "\(theirs[first])" + (missing.count > 1 ? " and \(missing.count - 1) others" : ""),
                wanted: own.first.map { "names such as \($0)" },
                remedy: "Give a file of the same particles; see the names in both")
        }
        return found.sorted()
    }

    private func keys(_ identity: Identity) throws(DataError) -> [String] {
        switch identity {
        case .name: return (0..<count).map(imageName)
        case .uid:
            guard let uids else {
                throw DataError(
                    file: file, "the file has no uid", wanted: "a .cs file of cryoSPARC",
                    remedy: "Match by name")
            }
            return uids.map(String.init)
        case .fileName:
            let stems = names.paths.map { path in
                ((path as NSString).lastPathComponent as NSString).deletingPathExtension
            }
            return names.references.map { "\($0.index + 1)@\(stems[Int($0.stack)])" }
        }
    }
}

extension ParticleList.Identity {
    fileprivate var text: String {
        switch self {
        case .name: "image name"
        case .fileName: "image number and file name"
        case .uid: "uid"
        }
    }
}
