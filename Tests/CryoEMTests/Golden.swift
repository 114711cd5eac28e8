import Foundation
import TestSupport

/// Numbers that outside programs made; the scripts lie beside them.
enum Golden {
    static func load<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(contentsOf: url(name)))
    }

    static func url(_ name: String) -> URL {
        Bundle.module.bundleURL.appendingPathComponent("Golden/" + name)
    }
}

extension SeededGenerator {
    mutating func uniform(_ low: Double = 0, _ high: Double = 1) -> Double {
        .random(in: low..<high, using: &self)
    }
}

extension TemporaryFolder {
    /// Writes text to a file, in a folder below this one if the name has one.
    @discardableResult
    func write(_ text: String, _ name: String) throws -> String {
        let target = URL(fileURLWithPath: file(name))
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: target)
        return target.path
    }
}
