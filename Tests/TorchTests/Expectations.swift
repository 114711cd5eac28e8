import Testing
import Torch

/// Shape and row-major values of a tensor are as given.
func expect(
    _ tensor: Tensor, _ shape: [Int], _ values: [Double], within tolerance: Double = 0,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let found = try tensor.doubles()
    #expect(tensor.shape == shape, sourceLocation: sourceLocation)
    #expect(
        found.count == values.count
            && zip(found, values).allSatisfy { abs($0 - $1) <= tolerance || $0 == $1 },
        "found \(found), wanted \(values)", sourceLocation: sourceLocation)
}

/// The message of the error that reading the tensor throws.
func message(_ tensor: Tensor, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
    try #require(throws: TorchError.self, sourceLocation: sourceLocation) { try tensor.checked() }.description
}

extension Tensor {
    /// 0, 1, 2 ... in the given shape, as float64.
    static func counting(_ shape: [Int]) -> Tensor {
        Tensor((0..<shape.reduce(1, *)).map(Double.init), shape: shape)
    }
    static func doubles(_ values: Double...) -> Tensor { Tensor(values, shape: [values.count]) }
}
