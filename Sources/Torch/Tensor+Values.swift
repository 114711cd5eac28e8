import CTorch

/// Numbers in and out. Everything is copied.
extension Tensor {
    public convenience init(_ values: [Float], shape: [Int]) {
        self.init(bytesOf: values, shape: shape, .float32)
    }
    public convenience init(_ values: [Double], shape: [Int]) {
        self.init(bytesOf: values, shape: shape, .float64)
    }
    public convenience init(_ values: [Int64], shape: [Int]) {
        self.init(bytesOf: values, shape: shape, .int64)
    }
    public convenience init(_ values: [Int32], shape: [Int]) {
        self.init(bytesOf: values, shape: shape, .int32)
    }

    /// Index vector [n], int64.
    public convenience init(indices: [Int]) { self.init(indices.map(Int64.init), shape: [indices.count]) }

    /// A scalar.
    public static func scalar(_ value: Double, _ dtype: DType = .float32) -> Tensor {
        Tensor([value], shape: []).to(dtype)
    }

    private convenience init<Element>(bytesOf values: [Element], shape: [Int], _ dtype: DType) {
        self.init(values.withUnsafeBytes { Tensor.made(from: $0, shape: shape, dtype) })
    }

    /// A copy of `bytes` (row-major, host order).
    public convenience init(bytes: UnsafeRawBufferPointer, shape: [Int], _ dtype: DType) {
        self.init(Tensor.made(from: bytes, shape: shape, dtype))
    }

    private convenience init(_ made: Result<CTTensor, TorchError>) {
        switch made {
        case .success(let handle): self.init(owning: handle)
        case .failure(let error): self.init(failed: error)
        }
    }

    private static func made(
        from bytes: UnsafeRawBufferPointer, shape: [Int], _ dtype: DType
    ) -> Result<CTTensor, TorchError> {
        do throws(TorchError) {
            guard let wanted = dtype.bytes(of: shape) else {
                throw TorchError("no tensor can have the shape \(shape)")
            }
            guard bytes.count == wanted else {
                throw TorchError("a tensor \(shape) of \(dtype) wants \(wanted) bytes, found \(bytes.count)")
            }
            let api = try Shim.api()
            var out: CTTensor?
            let sizes = shape.map(Int64.init)
            try api.check(api.tensor_from_data(bytes.baseAddress, sizes, sizes.count, dtype.rawValue, &out))
            guard let out else { throw TorchError("libtorch gave no tensor") }
            return .success(out)
        } catch { return .failure(error) }
    }

    /// All values as Float, row-major.
    public func floats() throws(TorchError) -> [Float] { try to(.float32).copied(0) }
    /// All values as Double, row-major.
    public func doubles() throws(TorchError) -> [Double] { try to(.float64).copied(0) }
    /// All values as Int, row-major.
    public func ints() throws(TorchError) -> [Int] { try to(.int64).copied(Int64(0)).map(Int.init) }

    private func copied<Element>(_ zero: Element) throws(TorchError) -> [Element] {
        var values = [Element](repeating: zero, count: count)
        var failure: TorchError?
        values.withUnsafeMutableBytes { buffer in
            do throws(TorchError) { try copy(to: buffer) } catch { failure = error }
        }
        if let failure { throw failure }
        return values
    }

    /// Copies the values, in this tensor's own number type and row-major, to memory of exactly their size.
    public func copy(to buffer: UnsafeMutableRawBufferPointer) throws(TorchError) {
        let api = try Shim.api()
        try api.check(api.tensor_copy_out(handle(), buffer.baseAddress, buffer.count))
    }

    /// The one value of a scalar.
    public func item() throws(TorchError) -> Double {
        let api = try Shim.api()
        var value = 0.0
        try api.check(api.tensor_item(handle(), &value))
        return value
    }
}
