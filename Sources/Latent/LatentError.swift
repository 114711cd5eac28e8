/// What is wrong with the data or the settings of an analysis, and what to do about it.
public struct LatentError: Error, CustomStringConvertible, Sendable, Equatable {
    /// The sort of fault, for callers that act on it.
    public enum Kind: Sendable, Equatable {
        /// There is nothing to work on.
        case empty
        /// A row (0-based) holds a value that is not finite.
        case notFinite(row: Int)
        /// There are fewer rows than the method needs.
        case tooFewRows(found: Int, wanted: Int)
        /// Two inputs that belong together differ in size.
        case sizeMismatch
        /// A setting is outside its range.
        case setting(String)
        /// The measure has no value on this input.
        case undefined
    }

    public let kind: Kind
    /// The fault, with the value found and the value wanted.
    public let message: String
    /// What to change.
    public let remedy: String

    public init(_ kind: Kind, _ message: String, remedy: String) {
        self.kind = kind
        self.message = message
        self.remedy = remedy
    }

    public var description: String { "\(message). \(remedy)" }
}

extension LatentError {
    static func tooFew(_ found: Int, wanted: Int, for method: String, remedy: String) -> LatentError {
        LatentError(
            .tooFewRows(found: found, wanted: wanted),
            "\(method) needs at least \(wanted) rows; found \(found)", remedy: remedy)
    }

    static func setting(_ name: String, found: String, wanted: String) -> LatentError {
        LatentError(
            .setting(name), "\(name) is \(found); wanted \(wanted)", remedy: "Change the setting \(name)")
    }
}
