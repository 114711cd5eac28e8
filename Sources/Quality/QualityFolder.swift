import Foundation

/// The folder of a benchmark.
public struct QualityFolder: Sendable {
    public let path: String
    public init(_ path: String) { self.path = path }

    /// Results: `quality.md`, `quality.csv`, `quality.json`.
    public func table(_ kind: String) -> String { "\(path)/quality.\(kind)" }

    func set(_ name: String) -> SetFolder { SetFolder(path: "\(path)/sets/\(name)") }

    func cell(_ cell: QualityPlan.Cell) -> CellFolder {
        CellFolder(path: "\(path)/runs/\(cell.set.name)/\(cell.configuration.name)/seed\(cell.seed)")
    }

    struct SetFolder {
        let path: String
        /// What the set was made with; absent until it is complete.
        var record: String { "\(path)/benchmark.json" }
        var particles: String { "\(path)/particles" }
        var log: String { "\(path)/simulate.log" }
        var reference: String { "\(path)/reference.json" }
        var consensus: String { "\(path)/consensus.mrc" }
        /// Prepared images.
        var cache: String { "\(path)/cache" }
    }

    struct CellFolder {
        let path: String
        var run: String { "\(path)/run" }
        var log: String { "\(path)/run.log" }
        var record: String { "\(path)/cell.json" }
    }

    /// nil where there is no such file or it is of another form, from another version of the program.
    static func read<Value: Decodable>(_ type: Value.Type, from path: String) -> Value? {
        FileManager.default.contents(atPath: path).flatMap { try? JSONDecoder().decode(type, from: $0) }
    }
}
