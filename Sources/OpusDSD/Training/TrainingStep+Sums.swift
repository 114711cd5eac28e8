import Torch

/// Gradients of the parts of a batch, added up.
extension TrainingStep {
    /// Gradients of the workers added up, and in a team those of all processes, which may still be under way.
    struct GradientSum {
        let own: [Tensor?]
        let ofTeam: Team.Sum?
        func finish() throws -> [Tensor?] { try ofTeam?.finish() ?? own }
    }

    func startSum(_ parts: [[Tensor?]], of parameters: [Parameter]) throws -> GradientSum {
        let own = try sum(parts, of: parameters)
        guard let team else { return GradientSum(own: own, ofTeam: nil) }
        let filled = parameters.indices.map { k in
            (own.isEmpty ? nil : own[k])
                ?? .zeros(parameters[k].tensor.shape, parameters[k].tensor.dtype, on: data.device)
        }
        return GradientSum(own: own, ofTeam: try team.startSum(filled))
    }

    /// The sum of gradients of parts, which takes the place of the first part's: those of a large model are
    /// held as few times as can be.
    static func sum(_ parts: [[Tensor?]]) throws(TorchError) -> [Tensor?] {
        guard var sum = parts.first else { return [] }
        for part in parts.dropFirst() {
            var pairs: (into: [Tensor], more: [Tensor]) = ([], [])
            for (k, gradient) in part.enumerated() {
                guard let gradient else { continue }
                if let before = sum[k] {
                    pairs.into.append(before)
                    pairs.more.append(gradient)
                } else {
                    sum[k] = gradient
                }
            }
            try Tensor.add(inPlace: pairs.into, pairs.more)
        }
        return sum
    }

    /// The same by all workers, each for some of the parameters.
    private func sum(_ parts: [[Tensor?]], of parameters: [Parameter]) throws -> [Tensor?] {
        guard parts.count > 1 else { return parts.first ?? [] }
        let shares = workers.balanced(parameters.map(\.tensor.count))
        let found = try workers.map { worker in
            try Self.sum(parts.map { part in shares[worker].map { part[$0] } })
        }
        var sum = [Tensor?](repeating: nil, count: parameters.count)
        for (share, tensors) in zip(shares, found) {
            for (place, tensor) in zip(share, tensors) { sum[place] = tensor }
        }
        return sum
    }
}
