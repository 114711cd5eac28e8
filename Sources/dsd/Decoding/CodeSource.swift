import CryoIO
import Foundation
import Latent
import OpusDSD

/// Which codes `dsd decode` is asked for.
enum CodeSource {
    case file(String)
    /// Rows of the particle file, from 1.
    case particles([Int])
    case centres(Int)
    case component(Int, points: Int)
    case line(Int, Int, points: Int)

    init(
        latent: String?, index: String?, clusters: Int?, component: Int?, path: String?, points: Int
    ) throws(DataError) {
        var found: [CodeSource] = []
        if let latent { found.append(.file(latent)) }
        if let index { found.append(.particles(try Self.rows(index, option: "--index"))) }
        if let clusters { found.append(.centres(clusters)) }
        if let component { found.append(.component(component, points: points)) }
        if let path {
            let ends = try Self.rows(path, option: "--path")
            guard ends.count == 2 else {
                throw DataError(
                    file: nil, "--path wants two row numbers", found: path, remedy: "For example --path 1,200"
                )
            }
            found.append(.line(ends[0], ends[1], points: points))
        }
        guard points >= 2 else {
            throw DataError(file: nil, "--points cannot be used", found: "\(points)", wanted: "2 or more")
        }
        guard let only = found.first, found.count == 1 else {
            throw DataError(
                file: nil, "exactly one of --latent, --index, --clusters, --component and --path is wanted",
                found: "\(found.count)", remedy: "For example --clusters 8 after dsd analyze.")
        }
        self = only
    }

    private static func rows(_ text: String, option: String) throws(DataError) -> [Int] {
        var rows: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let row = Int(part.trimmingCharacters(in: .whitespaces)) else {
                throw DataError(
                    file: nil, "\(option) wants row numbers with commas", found: text,
                    remedy: "For example \(option) 1,5")
            }
            rows.append(row)
        }
        return rows
    }

    /// The codes, [count][size], where `size` is that of the run's decoder.
    func codes(_ folder: RunFolder, size: Int) throws -> [[Float]] {
        switch self {
        case .file(let path): return try Self.table(path, size: size)
        case .particles(let rows):
            return try Self.rows(rows, of: try Self.table(folder.mean, size: size), folder)
        case .centres(let k):
            let path = "\(folder.analysis)/kmeans\(k)/centers.npy"
            guard FileManager.default.fileExists(atPath: path) else {
                throw DataError(
                    file: path, "there are no centres of \(k) clusters",
                    remedy: "Run dsd analyze \(folder.path) --clusters \(k) first.")
            }
            return try Self.table(path, size: size)
        case .component(let number, let points):
            guard (1...size).contains(number) else {
                throw DataError(
                    file: nil, "there is no such component", found: "\(number)", wanted: "1 to \(size)",
                    remedy: "Change --component.")
            }
            let data = try Matrix(rows: try Self.table(folder.mean, size: size))
            let line = try PCA(data).traversal(component: number - 1, of: data, points: points)
            return (0..<line.rows).map { Array(line.row($0)) }
        case .line(let from, let to, let points):
            let ends = try Self.rows([from, to], of: try Self.table(folder.mean, size: size), folder)
            return (0..<points).map { k in
                let t = Float(k) / Float(points - 1)
                return zip(ends[0], ends[1]).map { $0 + t * ($1 - $0) }
            }
        }
    }

    private static func rows(_ rows: [Int], of table: [[Float]], _ folder: RunFolder) throws(DataError)
        -> [[Float]]
    {
        for row in rows where !(1...max(1, table.count)).contains(row) {
            throw DataError(
                file: folder.mean, "there is no such particle", found: "\(row)",
                wanted: "1 to \(table.count)",
                remedy: "Give row numbers of the particle file, counted from 1.")
        }
        return rows.map { table[$0 - 1] }
    }

    /// Rows of an array [n, size or more]; the pose block behind the code is left out.
    private static func table(_ path: String, size: Int) throws(DataError) -> [[Float]] {
        let array = try NPYArray.read(path)
        guard array.shape.count == 2, array.shape[1] >= size else {
            throw DataError(
                file: path, "it holds no codes of this run", found: "\(array.shape)", wanted: "[n, \(size)]",
                remedy: "Give codes of the run that is decoded.")
        }
        let values = array.floats()
        let width = array.shape[1]
        guard values.allSatisfy(\.isFinite) else {
            throw DataError(
                file: path, "it holds values that are not finite",
                remedy: "Encode the run again: dsd encode RUN.")
        }
        return (0..<array.shape[0]).map { Array(values[($0 * width)..<($0 * width + size)]) }
    }
}
