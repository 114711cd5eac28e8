import CryoIO
import Yams

extension Configuration {
    /// The configuration as YAML, complete.
    public func yaml() throws -> String { try YAMLEncoder().encode(self) }

    /// This configuration with the keys of a partial YAML text put in their place.
    public func merging(yaml text: String, file: String) throws(DataError) -> Configuration {
        do {
            guard let changes = try Yams.compose(yaml: text) else { return self }
            return try merging(changes, file: file)
        } catch let error as DataError { throw error } catch {
            throw DataError(
                file: file, "it is not YAML: \(error)", remedy: "Write key: value lines as in config.yaml.")
        }
    }

    /// This configuration with one value changed: `prior.candidates=4000`, `stages.0.epochs=3`.
    public func setting(_ assignment: String) throws(DataError) -> Configuration {
        let parts = assignment.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw DataError(
                file: nil, "--set wants key=value", found: assignment,
                remedy: "For example --set objective.lambda=1")
        }
        do {
            var node = try Self.scalarOrFlow(parts[1])
            for key in parts[0].split(separator: ".").reversed() { node = Node([(Node(String(key)), node)]) }
            return try merging(node, file: "--set \(assignment)")
        } catch let error as DataError { throw error } catch {
            throw DataError(file: nil, "--set \(assignment) is not YAML: \(error)")
        }
    }

    private static func scalarOrFlow(_ text: String) throws -> Node {
        try Yams.compose(yaml: text) ?? Node("")
    }

    func merging(_ changes: Node, file: String) throws(DataError) -> Configuration {
        do {
            var whole = try Yams.compose(yaml: try yaml()) ?? Node([(Node, Node)]())
            try Self.merge(changes, into: &whole, path: [], file: file)
            let text = try Yams.serialize(node: whole)
            return try YAMLDecoder().decode(Configuration.self, from: text)
        } catch let error as DataError { throw error } catch {
            throw DataError(
                file: file, "a value has the wrong form: \(Self.plain(error))",
                remedy: "Compare with the config.yaml of a run, which lists every key with a valid value.")
        }
    }

    /// Which key, and what is the matter with its value, of an error of decoding.
    private static func plain(_ error: any Error) -> String {
        let context: DecodingError.Context
        switch error as? DecodingError {
        case .dataCorrupted(let found), .typeMismatch(_, let found), .valueNotFound(_, let found),
            .keyNotFound(_, let found):
            context = found
        default: return "\(error)"
        }
        let key = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
        let what = context.debugDescription
        return "\(key.joined(separator: ".")): \(what.hasSuffix(".") ? String(what.dropLast()) : what)"
    }

    private static func merge(_ changes: Node, into whole: inout Node, path: [String], file: String) throws {
        if case .mapping(let given) = changes, case .sequence(var list) = whole {
            for (key, value) in given {
                guard let text = key.string, let index = Int(text), list.indices.contains(index) else {
                    throw unknown(path + [key.string ?? "?"], Array(list.indices.map(String.init)), file)
                }
                try merge(value, into: &list[index], path: path + [text], file: file)
            }
            whole = .sequence(list)
            return
        }
        guard case .mapping(let given) = changes, case .mapping(var known) = whole else {
            try replace(&whole, with: changes, path: path, file: file)
            return
        }
        for (key, value) in given {
            guard var current = known[key] else {
                throw unknown(path + [key.string ?? "?"], known.keys.compactMap(\.string), file)
            }
            try merge(value, into: &current, path: path + [key.string ?? "?"], file: file)
            known[key] = current
        }
        whole = .mapping(known)
    }

    /// A list replaces a list (its elements complete from the defaults of a stage); a scalar replaces a
    /// scalar.
    private static func replace(_ whole: inout Node, with changes: Node, path: [String], file: String) throws
    {
        guard case .sequence(let given) = changes, case .sequence = whole else {
            whole = changes
            return
        }
        let template = try Yams.compose(yaml: try YAMLEncoder().encode(Stage())) ?? Node([(Node, Node)]())
        var elements: [Node] = []
        for (index, element) in given.enumerated() {
            var complete = template
            try merge(element, into: &complete, path: path + ["\(index)"], file: file)
            elements.append(complete)
        }
        whole = Node(elements)
    }

    private static func unknown(_ path: [String], _ known: [String], _ file: String) -> DataError {
        DataError(
            file: file, "the configuration has no key \(path.joined(separator: "."))",
            wanted: known.joined(separator: ", "),
            remedy: "Check the spelling against the config.yaml of a run.")
    }
}
