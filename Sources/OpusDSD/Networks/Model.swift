import Torch

/// The networks of a run at one stage.
public struct Model: Sendable {
    public let encoder: Encoder
    public let decoder: Decoder
    public let poseCorrection: PoseCorrection?
    /// Size Z of the code that the decoder sees; the encoder's has the pose block behind it.
    public let latentSize: Int
    public let precision: Precision

    public init(_ configuration: Configuration, geometry: StageGeometry, mask: [Float], device: Device = .cpu)
        throws(TorchError)
    {
        let c = configuration.model
        precision = configuration.numerics.precision
        if device.isCUDA {
            try Runtime.allowTF32(precision.allowsTF32)
            try Runtime.tuneConvolutions(true)
        }
        let dtype: DType = precision.dtype == .float64 ? .float64 : .float32
        latentSize = c.latentSize
        encoder = try Encoder(
            side: geometry.encoderSide,
            latentSize: c.latentSize + (c.poseCorrection ? c.poseCorrectionSize : 0),
            width: c.encoderWidth, logSigmaBias: c.logSigmaBias, seed: configuration.seed, dtype: dtype,
            device: device)
        decoder = try Decoder(
            side: geometry.volumeSide, latentSize: c.latentSize, width: c.decoderWidth, mask: mask,
            seed: configuration.seed, dtype: dtype, device: device)
        poseCorrection =
            c.poseCorrection
            ? try PoseCorrection(
                size: c.poseCorrectionSize, seed: configuration.seed, dtype: dtype, device: device) : nil
    }

    public var parameters: [Parameter] {
        encoder.parameters + decoder.parameters + (poseCorrection?.parameters ?? [])
    }

    /// Takes over every parameter of the same name that fits; returns how many.
    @discardableResult public func adopt(_ values: [String: Tensor]) throws(TorchError) -> Int {
        var adopted = 0
        for parameter in parameters {
            guard let value = values[parameter.name].flatMap(parameter.fitting) else { continue }
            try withoutGradient { () throws(TorchError) in try parameter.tensor.copy(from: value) }
            adopted += 1
        }
        return adopted
    }

    /// Number of trained values.
    public static func parameterCount(_ parameters: [Parameter]) -> Int {
        parameters.reduce(0) { $0 + $1.tensor.count }
    }
}
