import CTorch

/// One tensor of libtorch with the feel of a value: operators give new tensors, nothing changes in place
/// except where a
/// method says so. The last reference frees it.
///
/// Operators do not throw, so that formulas read as formulas: a failed operator gives a tensor that carries
/// the error,
/// every operator on such a tensor passes the first error on, and whatever brings numbers back (`floats()`,
/// `item()`,
/// `gradients(of:for:)`, `checked()`) throws it.
public final class Tensor: @unchecked Sendable {
    enum State {
        case handle(CTTensor)
        case failed(TorchError)
    }
    let state: State

    init(owning handle: CTTensor) { state = .handle(handle) }

    /// What a formula gives that cannot be worked out: a tensor that carries the error.
    public init(failed error: TorchError) { state = .failed(error) }

    deinit {
        if case .handle(let handle) = state, case .success(let shim) = Shim.loaded {
            shim.api.tensor_free(handle)
        }
    }

    /// The error that this tensor carries, if an operator on the way to it failed.
    public var error: TorchError? {
        if case .failed(let error) = state { error } else { nil }
    }

    func handle() throws(TorchError) -> CTTensor {
        switch state {
        case .handle(let handle): return handle
        case .failed(let error): throw error
        }
    }

    /// This tensor, or the error it carries.
    @discardableResult public func checked() throws(TorchError) -> Tensor {
        _ = try handle()
        return self
    }

    /// Side lengths; empty for a scalar and for a tensor that carries an error.
    public var shape: [Int] {
        guard case .handle(let handle) = state, case .success(let shim) = Shim.loaded else { return [] }
        let count = shim.api.tensor_dim(handle)
        return [Int64](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let base = buffer.baseAddress { shim.api.tensor_sizes(handle, base) }
            initialized = count
        }.map(Int.init)
    }

    /// Length of one side, counted from the end where negative; 0 where there is no such side.
    public func size(_ dimension: Int) -> Int {
        let shape = shape
        let index = dimension < 0 ? shape.count + dimension : dimension
        return shape.indices.contains(index) ? shape[index] : 0
    }

    public var count: Int { error == nil ? shape.reduce(1, *) : 0 }

    public var dtype: DType {
        guard case .handle(let handle) = state, case .success(let shim) = Shim.loaded else { return .float32 }
        return DType(rawValue: shim.api.tensor_dtype(handle)) ?? .float32
    }

    public var device: Device {
        guard case .handle(let handle) = state, case .success(let shim) = Shim.loaded else { return .cpu }
        return Device(code: shim.api.tensor_device(handle))
    }
}

extension Tensor: CustomStringConvertible {
    public var description: String { error.map { "Tensor(failed: \($0))" } ?? "Tensor(\(dtype), \(shape))" }
}
