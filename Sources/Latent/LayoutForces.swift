import Foundation

/// Gradients of UMAP's cross entropy (McInnes, Healy and Melville 2018, section 3.2), each coordinate clipped
/// to 4.
struct LayoutForces {
    /// Coefficients of the difference of two rows, by their squared distance.
    let pull: ForceTable
    let push: ForceTable
    private let dimensions: Int

    private static let clip: Float = 4

    init(_ curve: LayoutCurve, repulsion: Double, dimensions: Int) {
        let (a, b) = (curve.a, curve.b)
        pull = ForceTable { 2 * a * b * pow($0, b - 1) / (1 + a * pow($0, b)) }
        push = ForceTable { 2 * repulsion * b / ((0.001 + $0) * (1 + a * pow($0, b))) }
        self.dimensions = dimensions
    }

    /// Moves `head` towards one linked row, by twice the gradient.
    @inline(__always)
    func pull(_ head: UnsafeMutablePointer<Float>, to other: UnsafeMutablePointer<Float>, step: Float) {
        let coefficient = pull(square(head, other))
        let double = 2 * step
        var c = 0
        while c < dimensions {
            head[c] -= double * Self.clipped(coefficient * (head[c] - other[c]))
            c &+= 1
        }
    }

    /// Adds the push of one row on `head` to `move`.
    @inline(__always)
    func push(
        _ head: UnsafeMutablePointer<Float>, from other: UnsafeMutablePointer<Float>,
        into move: UnsafeMutablePointer<Float>
    ) {
        let coefficient = push(square(head, other))
        var c = 0
        while c < dimensions {
            move[c] += Self.clipped(coefficient * (head[c] - other[c]))
            c &+= 1
        }
    }

    /// Squared distance; where two rows coincide it is the least the tables take, and their difference is
    /// zero.
    @inline(__always)
    private func square(_ head: UnsafeMutablePointer<Float>, _ other: UnsafeMutablePointer<Float>) -> Float {
        var square = ForceTable.least
        var c = 0
        while c < dimensions {
            let difference = head[c] - other[c]
            square += difference * difference
            c &+= 1
        }
        return square
    }

    /// Likewise of a difference in the plane.
    @inline(__always)
    static func square(_ dx: Float, _ dy: Float) -> Float { ForceTable.least + dx * dx + dy * dy }

    @inline(__always)
    static func clipped(_ value: Float) -> Float {
        value > clip ? clip : (value < -clip ? -clip : value)
    }
}
