/// Sides, order and parts. Negative dimensions count from the end.
extension Tensor {
    public func reshape(_ shape: [Int]) -> Tensor { Operators.reshape(.tensor(self), .ints(shape)) }
    public func flattened() -> Tensor { reshape([-1]) }
    public func permute(_ order: [Int]) -> Tensor { Operators.permute(.tensor(self), .ints(order)) }
    public func transposed(_ a: Int, _ b: Int) -> Tensor {
        Operators.transpose(.tensor(self), .int(a), .int(b))
    }
    public func contiguous() -> Tensor { Operators.contiguous(.tensor(self)) }
    public func unsqueeze(_ dimension: Int) -> Tensor { Operators.unsqueeze(.tensor(self), .int(dimension)) }
    public func squeeze(_ dimension: Int) -> Tensor { Operators.squeeze(.tensor(self), .int(dimension)) }
    public func expand(_ shape: [Int]) -> Tensor { Operators.expand(.tensor(self), .ints(shape)) }
    public func flip(_ dimensions: [Int]) -> Tensor { Operators.flip(.tensor(self), .ints(dimensions)) }
    public func roll(_ shifts: [Int], _ dimensions: [Int]) -> Tensor {
        Operators.roll(.tensor(self), .ints(shifts), .ints(dimensions))
    }
    public func repeatInterleave(_ count: Int, _ dimension: Int) -> Tensor {
        Operators.repeatInterleave(.tensor(self), .int(count), .int(dimension))
    }
    /// Pads with a constant; pairs (before, after) from the last side backwards, as in libtorch.
    public func pad(_ pairs: [Int], value: Double = 0) -> Tensor {
        Operators.pad(.tensor(self), .ints(pairs), .double(value))
    }

    /// `length` places of one side from `start`; a view.
    public func narrow(_ dimension: Int, _ start: Int, _ length: Int) -> Tensor {
        Operators.narrow(.tensor(self), .int(dimension), .int(start), .int(length))
    }
    /// One place of one side, which disappears; a view.
    public func select(_ dimension: Int, _ index: Int) -> Tensor {
        Operators.select(.tensor(self), .int(dimension), .int(index))
    }
    /// Places of one side by an int64 vector.
    public func indexSelect(_ dimension: Int, _ indices: Tensor) -> Tensor {
        Operators.indexSelect(.tensor(self), .int(dimension), .tensor(indices))
    }
    public func gather(_ dimension: Int, _ indices: Tensor) -> Tensor {
        Operators.gather(.tensor(self), .int(dimension), .tensor(indices))
    }

    public static func cat(_ tensors: [Tensor], _ dimension: Int = 0) -> Tensor {
        Operators.cat(.tensors(tensors), .int(dimension))
    }
    public static func stack(_ tensors: [Tensor], _ dimension: Int = 0) -> Tensor {
        Operators.stack(.tensors(tensors), .int(dimension))
    }

    public func to(_ dtype: DType) -> Tensor {
        if error == nil && self.dtype == dtype { return self }
        return Operators.toType(.tensor(self), .dtype(dtype))
    }
    /// The same numbers on another device. What goes from the host to a CUDA device is copied from
    /// page-locked memory in the device's own time; the caller does not wait. What comes back is waited for.
    public func to(_ device: Device) -> Tensor {
        if error == nil && self.device == device { return self }
        guard device.isCUDA, !self.device.isCUDA else {
            return Operators.toDevice(.tensor(self), .device(device), .dtype(dtype))
        }
        let locked = Operators.pinMemory(.tensor(self))
        return Operators.toDevice(.tensor(locked), .device(device), .dtype(dtype), .bool(true))
    }
    /// The same numbers with channels as the fastest side ([batch, channels, depth, height, width] only).
    public func channelsLast3D() -> Tensor {
        let channelsLast3DFormat = 3
        return Operators.contiguous(.tensor(self), .int(channelsLast3DFormat))
    }
    public func clone() -> Tensor { Operators.clone(.tensor(self)) }

    // In place, for state that outlives a step. They throw at once.
    public func copy(from other: Tensor) throws(TorchError) {
        try Operators.copyInPlace.results(.tensor(self), .tensor(other))
    }
    public func add(inPlace other: Tensor) throws(TorchError) {
        try Operators.addInPlace.results(.tensor(self), .tensor(other))
    }
    /// Adds to each of some tensors its partner.
    public static func add(inPlace tensors: [Tensor], _ others: [Tensor]) throws(TorchError) {
        guard !tensors.isEmpty else { return }
        try Operators.addToEachInPlace.results(.tensors(tensors), .tensors(others))
    }
    public func multiply(inPlace other: Tensor) throws(TorchError) {
        try Operators.mulInPlace.results(.tensor(self), .tensor(other))
    }
    public func zero() throws(TorchError) { try Operators.zeroInPlace.results(.tensor(self)) }
    /// Rows `indices` of `self` become the rows of `source`.
    public func setRows(_ indices: Tensor, _ source: Tensor) throws(TorchError) {
        try Operators.indexCopyInPlace.results(.tensor(self), .int(0), .tensor(indices), .tensor(source))
    }
}
