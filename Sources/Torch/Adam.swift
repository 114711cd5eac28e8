/// Adam (Kingma and Ba) by libtorch's fused operator; parameters and moments change in place. The
/// parameters' memory is row-major.
public final class Adam: Sendable {
    public let parameters: [Parameter]
    public let beta1: Double, beta2: Double, epsilon: Double
    let firstMoments: [Tensor], secondMoments: [Tensor], steps: [Tensor]
    public init(_ parameters: [Parameter], beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)
    {
        self.parameters = parameters
        (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
        func zeros() -> [Tensor] {
            parameters.map { Tensor.zeros($0.tensor.shape, $0.tensor.dtype, on: $0.tensor.device) }
        }
        firstMoments = zeros()
        secondMoments = zeros()
        steps = parameters.map { Tensor.zeros([], .float32, on: $0.tensor.device) }
    }

    /// One update; `gradients` in the order of `parameters`, nil where a parameter had no part in the loss.
    ///
    /// - Parameters:
    ///   - skipped: float32 scalar on the parameters' device; 1 leaves everything as it is, so that a
    ///     gradient that is no number does no harm before the host hears of it.
    ///   - workers: threads that share the parameters; the caller's alone where there are none.
    public func step(
        _ gradients: [Tensor?], learningRate: Double, skipped: Tensor? = nil, workers: WorkerPool? = nil
    ) throws {
        guard gradients.count == parameters.count else {
            throw TorchError("Adam wants \(parameters.count) gradients, found \(gradients.count)")
        }
        var active: [(place: Int, gradient: Tensor)] = []
        for (index, gradient) in gradients.enumerated() {
            guard let gradient else { continue }
            let (name, shape) = (parameters[index].name, parameters[index].tensor.shape)
            guard try gradient.checked().shape == shape else {
                throw TorchError("Adam: the gradient of \(name) has shape \(gradient.shape), wanted \(shape)")
            }
            active.append((index, gradient))
        }
        guard !active.isEmpty else { return }
        let all = active
        guard let workers, workers.count > 1 else {
            return try update(all, learningRate: learningRate, skipped: skipped)
        }
        let shares = workers.balanced(all.map { parameters[$0.place].tensor.count })
        _ = try workers.map { [self] worker in
            try update(shares[worker].map { all[$0] }, learningRate: learningRate, skipped: skipped)
        }
    }

    private func update(
        _ active: [(place: Int, gradient: Tensor)], learningRate: Double, skipped: Tensor?
    ) throws(TorchError) {
        guard !active.isEmpty else { return }
        func chosen(_ tensors: [Tensor]) -> OperatorArgument { .tensors(active.map { tensors[$0.place] }) }
        try withoutGradient { () throws(TorchError) -> Void in
            try Self.update.results(
                .tensors(active.map { parameters[$0.place].tensor }), .tensors(active.map(\.gradient)),
                chosen(firstMoments), chosen(secondMoments), chosen(steps), .double(learningRate),
                .double(beta1), .double(beta2), .double(epsilon), .optional(skipped))
        }
    }

    private static let update = Operator("dsd::adam_step")

    /// Moments and step counts under names that start with `prefix`, for a checkpoint.
    public func state(_ prefix: String) -> [Parameter] {
        parameters.indices.flatMap { index in
            let name = "\(prefix).\(parameters[index].name)"
            return [
                Parameter("\(name).m", firstMoments[index]), Parameter("\(name).v", secondMoments[index]),
                Parameter("\(name).step", steps[index]),
            ]
        }
    }
}

/// Euclidean norm over all gradients together, float64.
public func globalNorm(_ gradients: [Tensor?]) -> Tensor {
    findNorm(.tensors(gradients.compactMap { $0 }))
}

private let findNorm = Operator("dsd::global_norm")
