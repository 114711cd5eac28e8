import CryoIO

/// How a set is treated in a benchmark: a training of this program, or another program's script.
public struct QualityConfiguration: Sendable, Equatable {
    public var name: String
    /// Values that `dsd train --set` takes, `key=value`.
    public var settings: [String]
    /// More arguments of `dsd train`, or of the script; `{set}` stands for the folder of the set.
    public var arguments: [String]
    /// Script of another program (`Benchmarks/rivals`); nil trains with this one.
    public var program: String?
    /// Only these sets; nil takes all.
    public var sets: [String]?
    /// In place of the plan's.
    public var seeds: [UInt64]?

    init(name: String, _ node: PlanNode) throws(DataError) {
        try PlanNode.check(name, node)
        (self.name, settings, arguments) = (name, [], [])
        for (key, value) in try node.entries(allowed: ["set", "arguments", "program", "sets", "seeds"]) {
            switch key {
            case "set":
                for (key, setting) in try value.entries() { settings.append("\(key)=\(try setting.text())") }
            case "arguments": arguments = try value.texts()
            case "program": program = try value.text()
            case "sets": sets = try value.texts()
            default: seeds = try value.seeds()
            }
        }
        if program != nil, !settings.isEmpty {
            throw node.fault("has settings for another program", found: "set", wanted: "arguments")
        }
    }
}
