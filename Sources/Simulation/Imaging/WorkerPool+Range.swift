import Torch

extension WorkerPool {
    /// `body(i)` of every index of a range, in its order; the workers take the indices in turn.
    func map<Value: Sendable>(
        over range: Range<Int>, _ body: @escaping @Sendable (Int) throws -> Value
    ) throws -> [Value] {
        let shares = try map { [count] worker in
            try stride(from: range.lowerBound + worker, to: range.upperBound, by: count).map(body)
        }
        return range.map { index in
            let place = index - range.lowerBound
            return shares[place % count][place / count]
        }
    }
}
