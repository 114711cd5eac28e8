/// Adam (Kingma and Ba) by libtorch's fused operator; parameters and moments change in place.
public final class Adam {
    public let parameters: [Parameter]
    public let beta1: Double, beta2: Double, epsilon: Double
    let firstMoments: [Tensor], secondMoments: [Tensor], steps: [Tensor]
    /// The same memory as vectors. The fused operator walks memory in order, so all four must agree in it; a
    /// parameter whose memory is not row-major carries an error here.
    private let flatParameters: [Tensor], flatFirst: [Tensor], flatSecond: [Tensor]

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
        func flat(_ tensors: [Tensor]) -> [Tensor] {
            withoutGradient { tensors.map { Operators.view(.tensor($0), .ints([-1])) } }
        }
        (flatParameters, flatFirst, flatSecond) = (
            flat(parameters.map(\.tensor)), flat(firstMoments), flat(secondMoments)
        )
    }

    /// One update; `gradients` in the order of `parameters`, nil where a parameter had no part in the loss.
    ///
    /// - Parameter skipped: float32 scalar on the parameters' device; 1 leaves everything as it is, so that a
    ///   gradient that is no number does no harm before the host hears of it.
    public func step(_ gradients: [Tensor?], learningRate: Double, skipped: Tensor? = nil) throws(TorchError)
    {
        guard gradients.count == parameters.count else {
            throw TorchError("Adam wants \(parameters.count) gradients, found \(gradients.count)")
        }
        var active: [Int] = []
        var ordered: [Tensor] = []
        for (index, gradient) in gradients.enumerated() {
            guard let gradient else { continue }
            let (name, shape) = (parameters[index].name, parameters[index].tensor.shape)
            guard try gradient.checked().shape == shape else {
                throw TorchError("Adam: the gradient of \(name) has shape \(gradient.shape), wanted \(shape)")
            }
            try flatParameters[index].checked()
            active.append(index)
            ordered.append(try gradient.flattened().checked())
        }
        guard !active.isEmpty else { return }
        let counts = active.map { steps[$0] }
        try withoutGradient { () throws(TorchError) in
            try Operators.addToEach.results(.tensors(counts), .double(1))
            try Operators.fusedAdam.results(
                .tensors(active.map { flatParameters[$0] }), .tensors(ordered),
                .tensors(active.map { flatFirst[$0] }), .tensors(active.map { flatSecond[$0] }),
                .tensors([]), .tensors(counts),
                .double(learningRate), .double(beta1), .double(beta2), .double(0), .double(epsilon),
                .bool(false), .bool(false), .none, .optional(skipped))
            if let skipped {
                try Operators.subtractFromEach.results(
                    .tensors(counts), .tensors(counts.map { _ in skipped }), .double(1))
            }
        }
    }

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

/// Euclidean norm over all gradients together.
public func globalNorm(_ gradients: [Tensor?]) -> Tensor {
    let squares = gradients.compactMap { $0?.square().sum() }
    guard let first = squares.first else { return .scalar(0) }
    return squares.dropFirst().reduce(first, +).squareRoot()
}
