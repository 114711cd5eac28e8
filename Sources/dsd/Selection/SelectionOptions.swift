import Analysis
import ArgumentParser
import CryoIO
import Foundation
import OpusDSD

/// Which particles `dsd select` is asked for. Several conditions narrow the selection.
struct SelectionOptions: ParsableArguments {
    @Option(help: "Clusters of dsd analyze, from 0, with commas.") var cluster: String?
    @Option(help: "Number of clusters of the analysis that --cluster means (default: the only one there is).")
    var clusters: Int?
    @Option(
        parsing: .unconditional, help: "Corners of a polygon over --axes: \"x,y x,y x,y\".")
    var polygon: String?
    @Option(help: "Axes of --polygon: umap, or two principal components such as pc1,pc2.") var axes = "umap"
    @Option(help: "Row numbers from 0, or one truth value a row: a .npy or .pkl file, or text.")
    var index: String?
    @Flag(help: "Take the particles that are not selected.") var inverse = false

    /// The rows, from 0, in the order of the particle file.
    /// - Parameters:
    ///   - run: folder of the run; nil where only a particle file was given.
    ///   - count: particles.
    ///   - all: whether nothing said means all of them.
    func rows(of run: RunFolder?, count: Int, all: Bool = false) throws(DataError) -> [Int] {
        var chosen = [Bool](repeating: true, count: count)
        var conditions = 0
        func narrow(_ part: [Bool]) {
            conditions += 1
            for row in chosen.indices { chosen[row] = chosen[row] && part[row] }
        }
        if let index { narrow(try Self.listed(index, count: count)) }
        if let cluster { narrow(try members(cluster, try needed(run, "--cluster"), count: count)) }
        if let polygon {
            narrow(try enclosed(try Polygon(polygon), try needed(run, "--polygon"), count: count))
        }
        guard conditions > 0 || all else {
            throw DataError(
                file: nil, "nothing says which particles are wanted",
                wanted: "--cluster, --polygon or --index", remedy: "For example --cluster 1,4")
        }
        let rows = chosen.indices.filter { chosen[$0] != inverse }
        guard !rows.isEmpty else {
            throw DataError(
                file: nil, "no particle is selected", remedy: "Widen the selection; nothing was written")
        }
        return rows
    }

    private func needed(_ run: RunFolder?, _ option: String) throws(DataError) -> RunFolder {
        if let run { return run }
        throw DataError(
            file: nil, "\(option) needs a run", found: "a particle file", wanted: "the folder of a run",
            remedy: "Give the run's folder in place of the particle file")
    }

    /// Row numbers, or a truth value for each row.
    private static func listed(_ path: String, count: Int) throws(DataError) -> [Bool] {
        let array = try RowValues.array(path)
        let values = try RowValues.read(path, option: "--index")
        if array?.element == .bool {
            guard values.count == count else {
                throw DataError(
                    file: path, "there is not one truth value for each particle",
                    found: "\(values.count)", wanted: "\(count)",
                    remedy: "Give a file made for these particles")
            }
            return values.map { $0 != 0 }
        }
        var chosen = [Bool](repeating: false, count: count)
        for (place, value) in values.enumerated() {
            guard let row = Int(exactly: value), chosen.indices.contains(row) else {
                throw DataError(
                    file: path, "value \(place + 1) is no row of the particle file",
                    found: String(format: "%g", value), wanted: "0 to \(count - 1)",
                    remedy: "Count rows from 0, and give a file made for these particles")
            }
            chosen[row] = true
        }
        return chosen
    }

    private func members(_ text: String, _ run: RunFolder, count: Int) throws(DataError) -> [Bool] {
        let k = if let clusters { clusters } else { try onlyClustering(run) }
        let path = "\(AnalysisFolder(run).clusters(k))/labels.npy"
        let labels = try NPYArray.read(path).integers()
        try Self.check(labels.count, count, path)
        var wanted: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let label = Int(part.trimmingCharacters(in: .whitespaces)), (0..<k).contains(label) else {
                throw DataError(
                    file: path, "there is no such cluster", found: "'\(part)'", wanted: "0 to \(k - 1)",
                    remedy: "Correct --cluster")
            }
            wanted.insert(label)
        }
        return labels.map(wanted.contains)
    }

    private func onlyClustering(_ run: RunFolder) throws(DataError) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: run.analysis)) ?? []
        let found = names.compactMap { $0.hasPrefix("kmeans") ? Int($0.dropFirst(6)) : nil }.sorted()
        guard let only = found.first, found.count == 1 else {
            throw DataError(
                file: run.analysis,
                found.isEmpty ? "the run has no clusters" : "the run has several clusterings",
                found: found.isEmpty ? nil : found.map(String.init).joined(separator: ", "),
                remedy: found.isEmpty
                    ? "Run dsd analyze \(run.path) first" : "Say which one with --clusters")
        }
        return only
    }

    private func enclosed(_ polygon: Polygon, _ run: RunFolder, count: Int) throws(DataError) -> [Bool] {
        let folder = AnalysisFolder(run)
        let columns = try axisColumns()
        let path = columns == nil ? folder.embedding : "\(folder.components)/coordinates.npy"
        guard FileManager.default.fileExists(atPath: path) else {
            throw DataError(
                file: path, "the run has no such layout", remedy: "Run dsd analyze \(run.path) first")
        }
        let array = try NPYArray.read(path)
        let (first, second) = columns ?? (0, 1)
        guard array.shape.count == 2, array.shape[1] > max(first, second) else {
            throw DataError(
                file: path, "the layout has no such axes", found: "shape \(array.shape)",
                wanted: "axes \(first + 1) and \(second + 1)", remedy: "Correct --axes")
        }
        try Self.check(array.shape[0], count, path)
        let values = array.doubles()
        let width = array.shape[1]
        return (0..<count).map { row in
            polygon.contains(SIMD2(values[row * width + first], values[row * width + second]))
        }
    }

    /// Columns of the components; nil for the UMAP layout.
    private func axisColumns() throws(DataError) -> (Int, Int)? {
        if axes == "umap" { return nil }
        let numbers = axes.split(separator: ",").map { part -> Int? in
            part.lowercased().hasPrefix("pc") ? Int(part.dropFirst(2)) : nil
        }
        guard numbers.count == 2, let first = numbers[0], let second = numbers[1], first > 0, second > 0
        else {
            throw DataError(
                file: nil, "--axes names no layout", found: "'\(axes)'",
                wanted: "umap, or pc1,pc2 and the like",
                remedy: "Correct --axes")
        }
        return (first - 1, second - 1)
    }

    private static func check(_ found: Int, _ count: Int, _ path: String) throws(DataError) {
        guard found == count else {
            throw DataError(
                file: path, "there is not one row for each particle", found: "\(found)", wanted: "\(count)",
                remedy: "Analyse the run again with dsd analyze")
        }
    }
}
