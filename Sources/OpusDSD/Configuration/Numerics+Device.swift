import Torch

extension Configuration.Numerics {
    /// Settles `automatic` for a device. Every run does so before its first number, so that it is one type
    /// from the first step to the last map.
    public mutating func settle(for device: Device) throws(TorchError) {
        guard convolutions == .automatic else { return }
        convolutions = try Runtime.hasBFloat16(device) ? .bfloat16 : .tensorFloat32
    }

    /// How convolutions and linear layers work; `automatic`, where nobody has settled it, is float32.
    public var precision: Precision {
        switch convolutions {
        case .float32, .automatic: .float32
        case .tensorFloat32: .tensorFloat32
        case .bfloat16: .bfloat16
        case .float64: .float64
        }
    }
}
