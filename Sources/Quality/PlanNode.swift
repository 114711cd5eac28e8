import CryoIO
import Yams

/// A node of a plan's YAML with the way to it, for errors that name the key.
struct PlanNode {
    let node: Node
    /// Keys from the top, joined by dots; empty at the top.
    let path: String
    let file: String

    func fault(_ problem: String, found: String? = nil, wanted: String) -> DataError {
        DataError(
            file: file, "the plan's \(path.isEmpty ? "top" : path) \(problem)", found: found, wanted: wanted,
            remedy: "Compare with the plans in Benchmarks/quality")
    }

    /// Keys and values in the order of the file.
    /// - Throws: `DataError` where it is no mapping or has a key beside `allowed`.
    func entries(allowed: [String]? = nil) throws(DataError) -> [(key: String, value: PlanNode)] {
        if node.scalar?.string == "" { return [] }
        guard let mapping = node.mapping else {
            throw fault("is no list of key: value", found: node.string, wanted: "key: value lines")
        }
        var entries: [(String, PlanNode)] = []
        for (key, value) in mapping {
            guard let name = key.string else { throw fault("has a key that is no text", wanted: "text") }
            if let allowed, !allowed.contains(name) {
                throw fault("has an unknown key", found: name, wanted: allowed.joined(separator: ", "))
            }
            entries.append(
                (name, PlanNode(node: value, path: path.isEmpty ? name : "\(path).\(name)", file: file)))
        }
        return entries
    }

    func text() throws(DataError) -> String {
        guard let text = node.scalar?.string else {
            throw fault("is no single value", wanted: "a text or number")
        }
        return text
    }

    /// A list of values, or one value alone.
    func texts() throws(DataError) -> [String] {
        guard let sequence = node.sequence else { return [try text()] }
        var texts: [String] = []
        for item in sequence { texts.append(try PlanNode(node: item, path: path, file: file).text()) }
        return texts
    }

    func integer(_ range: ClosedRange<Int>) throws(DataError) -> Int {
        let text = try text()
        guard let value = Int(text), range.contains(value) else {
            throw fault("cannot be used", found: text, wanted: "\(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func seeds() throws(DataError) -> [UInt64] {
        var seeds: [UInt64] = []
        for text in try texts() {
            guard let seed = UInt64(text), !seeds.contains(seed) else {
                throw fault("has a seed that cannot be used", found: text, wanted: "different whole numbers")
            }
            seeds.append(seed)
        }
        guard !seeds.isEmpty else { throw fault("is empty", wanted: "a seed at least") }
        return seeds
    }

    /// A name that can be a folder's.
    static func check(_ name: String, _ node: PlanNode) throws(DataError) {
        let good = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-+".contains($0)) }
        guard good, let first = name.first, first != "." else {
            throw node.fault(
                "has a name that cannot be a folder's", found: name, wanted: "letters, digits and . _ - +")
        }
    }
}
