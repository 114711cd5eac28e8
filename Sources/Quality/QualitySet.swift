import CryoIO

/// A particle set of a benchmark: one that `dsd simulate` makes, or files that are there.
public struct QualitySet: Sendable, Equatable {
    public enum Source: Sendable, Equatable {
        /// Options of `dsd simulate` without dashes, with their values.
        case simulated([Option])
        /// Paths of the particle file, of the truth and of the mask inside which maps are compared.
        case files(particles: String, truth: String, mask: String)
    }

    public struct Option: Sendable, Equatable, Codable {
        public var name: String
        public var values: [String]
    }

    public var name: String
    public var source: Source
    /// Clusters of k-means; nil takes as many as there are states, or 20 where they form a continuous family.
    public var clusters: Int?
    /// Variants of a simulated set that stand beside it, each with other options.
    var variants: [String] = []

    /// Options whose values are files, looked for in the data folder.
    static let fileOptions = ["structure", "ctf-table"]

    private static let keys = ["simulate", "particles", "truth", "mask", "clusters", "variants"]

    init(name: String, _ node: PlanNode) throws(DataError) {
        try PlanNode.check(name, node)
        self.name = name
        var paths: [String: String] = [:]
        var options: [Option]?
        for (key, value) in try node.entries(allowed: Self.keys) {
            switch key {
            case "clusters": clusters = try value.integer(1...10_000)
            case "variants": variants = try value.texts()
            case "simulate": options = try Self.options(value)
            default: paths[key] = try value.text()
            }
        }
        if let options, paths.isEmpty {
            source = .simulated(options)
        } else if options == nil, let particles = paths["particles"], let truth = paths["truth"],
            let mask = paths["mask"]
        {
            source = .files(particles: particles, truth: truth, mask: mask)
        } else {
            throw node.fault(
                "does not say where its particles come from",
                found: paths.keys.sorted().joined(separator: ", "),
                wanted: "either simulate, or particles, truth and mask")
        }
    }

    /// Options of a simulation.
    static func options(_ node: PlanNode) throws(DataError) -> [Option] {
        var list: [Option] = []
        for (name, value) in try node.entries() { list.append(Option(name: name, values: try value.texts())) }
        return list
    }

    /// The set NAME+VARIANT, in which options replace those of the same name or come in addition.
    func varied(_ variant: String, by changes: [Option], _ node: PlanNode) throws(DataError) -> QualitySet {
        guard case .simulated(let options) = source else {
            throw node.fault(
                "has variants of files that are there", found: variant, wanted: "a simulated set")
        }
        var set = self
        set.name = "\(name)+\(variant)"
        set.variants = []
        set.source = .simulated(
            options.filter { option in !changes.contains { $0.name == option.name } } + changes)
        return set
    }

    /// Input files of the set, which may be absent.
    var inputs: [String] {
        switch source {
        case .simulated(let options): options.filter { Self.fileOptions.contains($0.name) }.flatMap(\.values)
        case .files(let particles, let truth, let mask): [particles, truth, mask]
        }
    }

    /// Arguments of `dsd simulate` but for the output.
    /// - Parameter resolve: gives the path of an input file.
    static func arguments(_ options: [Option], resolve: (String) -> String) -> [String] {
        options.flatMap { option in
            option.values.flatMap { value in
                ["--\(option.name)", fileOptions.contains(option.name) ? resolve(value) : value]
            }
        }
    }
}
