/// Sums, means and extremes; `dimensions` left out means over everything.
extension Tensor {
    public func sum() -> Tensor { Operators.sum(.tensor(self)) }
    public func sum(_ dimensions: [Int], keep: Bool = false) -> Tensor {
        Operators.sumDims(.tensor(self), .ints(dimensions), .bool(keep))
    }
    public func mean() -> Tensor { Operators.mean(.tensor(self)) }
    public func mean(_ dimensions: [Int], keep: Bool = false) -> Tensor {
        Operators.meanDims(.tensor(self), .ints(dimensions), .bool(keep))
    }
    /// Standard deviation with divisor n - correction.
    public func standardDeviation(_ dimensions: [Int]? = nil, correction: Double = 0, keep: Bool = false)
        -> Tensor
    {
        Operators.std(
            .tensor(self), dimensions.map(OperatorArgument.ints) ?? .none, .double(correction), .bool(keep))
    }
    public func max(_ dimensions: [Int] = [], keep: Bool = false) -> Tensor {
        Operators.amax(.tensor(self), .ints(dimensions), .bool(keep))
    }
    public func min(_ dimensions: [Int] = [], keep: Bool = false) -> Tensor {
        Operators.amin(.tensor(self), .ints(dimensions), .bool(keep))
    }
    public func all() -> Tensor { Operators.all(.tensor(self)) }
    public func argmin(_ dimension: Int) -> Tensor { Operators.argmin(.tensor(self), .int(dimension)) }

    /// Values and indices of the k largest or smallest along one side, sorted.
    public func topK(_ k: Int, _ dimension: Int = -1, largest: Bool = true) -> (
        values: Tensor, indices: Tensor
    ) {
        let (values, indices) = Operators.topk.pair(.tensor(self), .int(k), .int(dimension), .bool(largest))
        return (values, indices)
    }

    public func norm() -> Tensor { Operators.vectorNorm(.tensor(self)) }
    /// Euclidean distances [n, m] between rows of [n, d] and [m, d].
    public func distances(to other: Tensor) -> Tensor { Operators.cdist(.tensor(self), .tensor(other)) }
    public func matmul(_ other: Tensor) -> Tensor { Operators.matmul(.tensor(self), .tensor(other)) }
}
