import CTorch

extension Tensor {
    /// This tensor as a leaf whose gradient can be asked for.
    public func requiringGradient() throws(TorchError) -> Tensor {
        let leaf = detached()
        let api = try Shim.api()
        try api.check(api.tensor_set_requires_grad(try leaf.handle(), true))
        return leaf
    }

    /// The same numbers, not recorded.
    public func detached() -> Tensor { Operators.detach(.tensor(self)) }

    public var requiresGradient: Bool {
        guard case .handle(let handle) = state, case .success(let shim) = Shim.loaded else { return false }
        return shim.api.tensor_requires_grad(handle)
    }
}

/// Gradients of a scalar, one per input; nothing is accumulated anywhere. An input that the scalar does not
/// depend on
/// has the gradient nil.
public func gradients(of loss: Tensor, for inputs: [Tensor]) throws(TorchError) -> [Tensor?] {
    try gradients(of: [loss], weights: [nil], for: inputs)
}

/// Gradients of sum_k <weights_k, outputs_k>; the weight nil stands for 1 and wants a scalar output.
public func gradients(
    of outputs: [Tensor], weights: [Tensor?], for inputs: [Tensor], keepGraph: Bool = false
) throws(TorchError) -> [Tensor?] {
    guard outputs.count == weights.count else {
        throw TorchError(
            "gradients want a weight for each output, found \(weights.count) for \(outputs.count)")
    }
    let api = try Shim.api()
    var out: [CTTensor?] = []
    var weight: [CTTensor?] = []
    var wanted: [CTTensor?] = []
    for output in outputs { out.append(try output.handle()) }
    for tensor in weights {
        if let tensor { weight.append(try tensor.handle()) } else { weight.append(nil) }
    }
    for input in inputs { wanted.append(try input.handle()) }
    var found = [CTTensor?](repeating: nil, count: inputs.count)
    let code = withExtendedLifetime((outputs, weights, inputs)) {
        found.withUnsafeMutableBufferPointer { buffer -> Int32 in
            guard let base = buffer.baseAddress else { return 0 }
            return api.grad(out, out.count, wanted, wanted.count, weight, keepGraph, base)
        }
    }
    try api.check(code)
    return found.map { $0.map(Tensor.init(owning:)) }
}
