import CTorch

/// An argument of an operator of libtorch.
public enum OperatorArgument {
    case tensor(Tensor)
    case optional(Tensor?)
    case tensors([Tensor])
    case optionals([Tensor?])
    case int(Int)
    case bool(Bool)
    case double(Double)
    case ints([Int])
    case doubles([Double])
    case string(String)
    case dtype(DType)
    case device(Device)
    case none, `default`
}

/// An operator found by its schema name ("aten::conv3d") and overload. Arguments that are left out take the
/// schema's default.
public struct Operator: Sendable {
    private struct Handle: @unchecked Sendable { let value: CTOp }
    private let found: Result<Handle, TorchError>

    public init(_ name: String, _ overload: String = "") {
        do throws(TorchError) {
            let api = try Shim.api()
            var out: CTOp?
            try api.check(api.op(name, overload, &out))
            guard let out else { throw TorchError("libtorch has no operator \(name).\(overload)") }
            found = .success(Handle(value: out))
        } catch { found = .failure(error) }
    }

    /// The first result; it carries the error where the call failed.
    public func callAsFunction(_ arguments: OperatorArgument...) -> Tensor {
        do throws(TorchError) {
            guard let first = try run(arguments).first else { throw TorchError("an operator gave no result") }
            return first
        } catch { return Tensor(failed: error) }
    }

    /// Two results, for operators such as topk.
    public func pair(_ arguments: OperatorArgument...) -> (Tensor, Tensor) {
        do throws(TorchError) {
            let results = try run(arguments)
            guard results.count >= 2 else {
                throw TorchError("an operator gave \(results.count) results, wanted 2")
            }
            return (results[0], results[1])
        } catch { return (Tensor(failed: error), Tensor(failed: error)) }
    }

    /// All results; for operators that work in place and for lists.
    @discardableResult public func results(_ arguments: OperatorArgument...) throws(TorchError) -> [Tensor] {
        try run(arguments)
    }

    private func run(_ arguments: [OperatorArgument]) throws(TorchError) -> [Tensor] {
        let api = try Shim.api()
        let handle = try found.get().value
        var marshalled = Marshalled()
        defer { marshalled.free() }
        for argument in arguments { try marshalled.append(argument) }
        let capacity = 64
        var results = [CTTensor?](repeating: nil, count: capacity)
        var count = 0
        let code = withExtendedLifetime(arguments) {
            results.withUnsafeMutableBufferPointer { out -> Int32 in
                guard let base = out.baseAddress else { return 1 }
                return api.call(handle, marshalled.values, marshalled.values.count, base, capacity, &count)
            }
        }
        try api.check(code)
        return results[..<count].compactMap { $0.map(Tensor.init(owning:)) }
    }
}

/// Arguments as the shim's tagged values, with the memory that they point to.
private struct Marshalled {
    var values: [CTValue] = []
    private var owned: [UnsafeMutableRawPointer] = []

    mutating func append(_ argument: OperatorArgument) throws(TorchError) {
        var value = CTValue(tag: CT_DEFAULT, i: 0, d: 0, p: nil, n: 0)
        switch argument {
        case .tensor(let t): (value.tag, value.p) = (CT_TENSOR, UnsafeRawPointer(try t.handle()))
        case .optional(let t):
            value.tag = CT_TENSOR
            if let t { value.p = UnsafeRawPointer(try t.handle()) }
        case .tensors(let list): try append(handles: list, to: &value)
        case .optionals(let list): try append(handles: list, to: &value)
        case .int(let i): (value.tag, value.i) = (CT_INT, Int64(i))
        case .bool(let b): (value.tag, value.i) = (CT_BOOL, b ? 1 : 0)
        case .double(let d): (value.tag, value.d) = (CT_DOUBLE, d)
        case .ints(let list):
            (value.tag, value.n, value.p) = (CT_INTS, list.count, copy(list.map(Int64.init)))
        case .doubles(let list): (value.tag, value.n, value.p) = (CT_DOUBLES, list.count, copy(list))
        case .string(let s): (value.tag, value.p) = (CT_STRING, copy(Array(s.utf8CString)))
        case .dtype(let d): (value.tag, value.i) = (CT_INT, Int64(d.rawValue))
        case .device(let d): (value.tag, value.i) = (CT_DEVICE, d.code)
        case .none: value.tag = CT_NONE
        case .default: break
        }
        values.append(value)
    }

    private mutating func append(handles list: [Tensor?], to value: inout CTValue) throws(TorchError) {
        var handles: [CTTensor?] = []
        for tensor in list {
            if let tensor { handles.append(try tensor.handle()) } else { handles.append(nil) }
        }
        (value.tag, value.n, value.p) = (CT_TENSORS, handles.count, copy(handles))
    }

    private mutating func copy<Element>(_ list: [Element]) -> UnsafeRawPointer? {
        guard !list.isEmpty else { return nil }
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: list.count * MemoryLayout<Element>.stride, alignment: 16)
        list.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress { memory.copyMemory(from: base, byteCount: bytes.count) }
        }
        owned.append(memory)
        return UnsafeRawPointer(memory)
    }

    func free() { owned.forEach { $0.deallocate() } }
}
