/// A failed call of libtorch, with the operator and the shapes it was given; or a libtorch that cannot be
/// loaded.
public struct TorchError: Error, CustomStringConvertible, Sendable, Equatable {
    public let description: String
    public init(_ description: String) { self.description = description }
}
