import CryoIO
import Foundation
import Yams

/// What a quality benchmark does: every configuration on every set with every seed.
public struct QualityPlan: Sendable, Equatable {
    public var title: String
    /// Seeds of trainings.
    public var seeds: [UInt64]
    /// Images whose own map is compared, at even steps through a set.
    public var images: Int
    /// k of the nearest neighbours.
    public var neighbours: Int
    public var sets: [QualitySet]
    public var configurations: [QualityConfiguration]

    /// Reads a plan.
    /// - Throws: `DataError` that names the key which cannot be used.
    public init(path: String) throws(DataError) {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw DataError(file: path, "the plan cannot be read", remedy: "Give a YAML file")
        }
        try self.init(yaml: String(decoding: bytes, as: UTF8.self), file: path)
    }

    public init(yaml: String, file: String) throws(DataError) {
        let composed: Node?
        do { composed = try Yams.compose(yaml: yaml) } catch {
            throw DataError(file: file, "it is not YAML: \(error)", remedy: "Write key: value lines")
        }
        (title, seeds, images, neighbours) = ((file as NSString).lastPathComponent, [1], 40, 20)
        (sets, configurations) = ([], [])
        let top = PlanNode(node: composed ?? Node(""), path: "", file: file)
        let keys = ["title", "seeds", "images", "neighbours", "variants", "sets", "configurations"]
        var variants: [(name: String, options: [QualitySet.Option])] = []
        for (key, value) in try top.entries(allowed: keys) {
            switch key {
            case "title": title = try value.text()
            case "seeds": seeds = try value.seeds()
            case "images": images = try value.integer(1...100_000)
            case "neighbours": neighbours = try value.integer(1...10_000)
            case "variants":
                for (name, node) in try value.entries() {
                    try PlanNode.check(name, node)
                    variants.append((name, try QualitySet.options(node)))
                }
            case "sets":
                for (name, node) in try value.entries() {
                    let set = try QualitySet(name: name, node)
                    sets.append(set)
                    for name in set.variants {
                        guard let found = variants.first(where: { $0.name == name }) else {
                            throw node.fault(
                                "has a variant that there is not above it", found: name,
                                wanted: variants.map(\.name).joined(separator: ", "))
                        }
                        sets.append(try set.varied(name, by: found.options, node))
                    }
                }
            default:
                for (name, node) in try value.entries() {
                    configurations.append(try QualityConfiguration(name: name, node))
                }
            }
        }
        guard !sets.isEmpty, !configurations.isEmpty else {
            throw top.fault(
                "lacks sets or configurations", found: "\(sets.count) and \(configurations.count)",
                wanted: "one of each at least")
        }
        for configuration in configurations {
            for name in configuration.sets ?? [] where !sets.contains(where: { $0.name == name }) {
                throw top.fault(
                    "has a configuration for a set that there is not", found: name,
                    wanted: sets.map(\.name).joined(separator: ", "))
            }
        }
    }

    /// One training.
    public struct Cell: Sendable, Equatable {
        public let set: QualitySet
        public let configuration: QualityConfiguration
        public let seed: UInt64
    }

    /// All cells: sets in their order, in each the configurations, in each the seeds.
    public var cells: [Cell] {
        sets.flatMap { set in
            configurations.filter { $0.sets?.contains(set.name) ?? true }.flatMap { configuration in
                (configuration.seeds ?? seeds).map { Cell(set: set, configuration: configuration, seed: $0) }
            }
        }
    }
}
