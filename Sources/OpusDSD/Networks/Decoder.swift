import Foundation
import Torch

/// Code -> density volume (paper, Fig. 1; METHOD 2.3 and 13.5).
///
/// Two linear layers make 2048 x 1^3; transposed convolutions double the side, with 2048/r channels at side
/// r (times
/// `width`), kernel 2 up to side 4 and kernel 4 after; the last gives one signed channel without
/// activation. A side T that
/// is not a power of two is resampled once, at the 16^3 stage.
public struct Decoder: Sendable {
    public let first: Linear, second: Linear
    public let layers: [TransposedConvolution3D]
    /// The last layer, C -> 1 channels, evaluated only where the mask needs it.
    public let density: TransposedConvolution3D
    /// Side T of the volume.
    public let side: Int
    /// Side that the 16^3 stage is resampled to, where T is not a power of two.
    public var resampledSide: Int? { resampling?.to }
    private let resampling: TrilinearResampling?
    /// Places of each layer's input, and of the last one's, that reach the mask; nil: all are gone through.
    private let layerRows: [LayerRows?]
    package let densityRows: LayerRows

    /// The smallest side at least `side` that the layers can make.
    public static func feasibleSide(atLeast side: Int) -> Int {
        if side <= 16 { return [2, 4, 8, 16].first { $0 >= side } ?? 16 }
        let ups = Int(ceil(log2(Double(side) / 16)))
        let unit = 1 << ups
        return (side + unit - 1) / unit * unit
    }

    /// - Parameter mask: [T^3]; voxels where it is zero are not computed (their density is 0). Empty: all
    ///   are.
    public init(
        side: Int, latentSize: Int, width: Double, mask: [Float], seed: UInt64, dtype: DType = .float32,
        device: Device = .cpu
    ) throws(TorchError) {
        guard side >= 4, side == Decoder.feasibleSide(atLeast: side) else {
            throw TorchError(
                "a decoder cannot make a volume of side \(side); the next it can is "
                    + "\(Decoder.feasibleSide(atLeast: side))")
        }
        let make = Initializer(seed: seed, firstLayer: 1000 + side, dtype: dtype, device: device)
        let channels = { (r: Int) in max(4, Int(2048 / Double(r) * width)) }
        let hiddenSize = max(32, Int(512 * width))
        first = try make.linear(latentSize, hiddenSize)
        second = try make.linear(hiddenSize, channels(1))
        let steps = side <= 16 ? Int(log2(Double(side))) : 4 + Int(ceil(log2(Double(side) / 16)))
        var layers: [TransposedConvolution3D] = []
        for step in 0..<(steps - 1) {
            let r = 1 << step
            layers.append(try make.transposedConvolution(channels(r), channels(2 * r), kernel: r < 4 ? 2 : 4))
        }
        self.layers = layers
        density = try make.transposedConvolution(channels(1 << (steps - 1)), 1, kernel: 4, gain: 1)
        self.side = side
        let natural = 1 << steps
        let wide: DType = dtype == .float64 ? .float64 : .float32
        resampling =
            natural == side
            ? nil : TrilinearResampling(from: 16, to: 16 * side / natural, dtype: wide, device: device)
        var rows = mask.isEmpty ? CubeRows.all(side: side / 2) : CubeRows(mask: mask, side: side).coarser
        densityRows = rows.tensors(on: device)
        var layerRows = [LayerRows?](repeating: nil, count: layers.count)
        // A resampled cube is made of all places, and small cubes are reached from everywhere.
        let first = resampling == nil ? 0 : Self.resampledStep + 1
        for step in layers.indices.reversed() where step >= first && 1 << step >= 8 {
            rows = rows.coarser
            if rows.share < 0.95 { layerRows[step] = rows.tensors(on: device) }
        }
        self.layerRows = layerRows
    }

    /// Codes [batch, Z] -> volumes [batch, T, T, T], float32 (float64 at that precision): `gain` times what
    /// the layers give, plus `base`, [T, T, T]. Both are put where they cost no pass over the volumes.
    public func callAsFunction(
        _ codes: Tensor, _ precision: Precision, gain: Double = 1, base: Tensor? = nil
    ) -> Tensor {
        let hidden = first(codes, precision).leakyReLU(inPlace: leakySlope)
        var x = second(hidden, precision).leakyReLU(inPlace: leakySlope)
        x = x.reshape([x.size(0), x.size(1), 1, 1, 1])
        for (step, layer) in layers.enumerated() {
            x = layer(x, precision, slope: leakySlope, rows: layerRows[step])
            if step == Self.resampledStep, let resampling { x = resampling(x) }
        }
        let weight = gain == 1 ? density.weight : density.weight * gain
        let bias = gain == 1 ? density.bias : density.bias * gain
        return densities(x, weight, bias: bias, base: base)
    }

    /// The layer after which a volume is resampled, where T is not a power of two: the one of side 16.
    package static let resampledStep = 3

    /// The last layer, [batch, C, T/2, T/2, T/2] -> [batch, T, T, T]; bias [1], base [T, T, T].
    package func densities(
        _ x: Tensor, _ weight: Tensor? = nil, bias: Tensor? = nil, base: Tensor? = nil
    ) -> Tensor {
        Self.densityLayer(
            .tensor(x), .tensor(weight ?? density.weight), .optional(bias), .optional(base),
            .tensor(densityRows.from), .tensor(densityRows.to))
    }

    private static let densityLayer = Operator("dsd::density_layer")

    /// The places that a layer is bound to go through; nil: all.
    package func rows(ofLayer step: Int) -> LayerRows? { layerRows[step] }

    public var parameters: [Parameter] {
        first.parameters("decoder.first") + second.parameters("decoder.second")
            + layers.enumerated().flatMap { $1.parameters("decoder.up\($0)") }
            + density.parameters("decoder.density\(side)")
    }
}
