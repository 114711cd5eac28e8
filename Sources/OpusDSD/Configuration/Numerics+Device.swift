import Torch

extension Configuration.Numerics {
    /// Settles `automatic` for a device. Every run does so before its first number, so that it is one type from the
    /// first step to the last map.
    public mutating func settle(for device: Device) throws(TorchError) {
        guard convolutions == .automatic else { return }
        convolutions = try Runtime.hasBFloat16(device) ? .bfloat16 : .tensorFloat32
    }

    /// Runs from before `imagesAtOnce` do not name it.
    public init(from decoder: any Swift.Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        convolutions = try values.decode(Configuration.ConvolutionType.self, forKey: .convolutions)
        workers = try values.decode(Int.self, forKey: .workers)
        checkpointSteps = try values.decode(Int.self, forKey: .checkpointSteps)
        imagesAtOnce = try values.decodeIfPresent(Int.self, forKey: .imagesAtOnce) ?? 0
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
