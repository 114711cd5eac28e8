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
    private let rows: DensityRows

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
        rows = DensityRows(mask: mask, side: side, device: device)
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
            x = layer(x, precision, slope: leakySlope)
            if step == Self.resampledStep, let resampling { x = resampling(x) }
        }
        let weight = gain == 1 ? density.weight : density.weight * gain
        let bias = gain == 1 ? density.bias : density.bias * gain
        return rows.density(x, weight, bias: bias, base: base)
    }

    /// The layer after which a volume is resampled, where T is not a power of two: the one of side 16.
    package static let resampledStep = 3

    /// The last layer without its bias: [batch, C, T/2, T/2, T/2] -> [batch, T, T, T].
    package func densities(_ x: Tensor) -> Tensor { rows.density(x, density.weight) }

    public var parameters: [Parameter] {
        first.parameters("decoder.first") + second.parameters("decoder.second")
            + layers.enumerated().flatMap { $1.parameters("decoder.up\($0)") }
            + density.parameters("decoder.density\(side)")
    }

    /// For each row (z, y) of the last layer's input: the range of x whose outputs can reach the mask.
    struct DensityRows: Sendable {
        private static let layer = Operator("dsd::density_layer")
        private let from: Tensor, to: Tensor

        init(mask: [Float], side: Int, device: Device = .cpu) {
            let r = side / 2
            var from = [Int32](repeating: 0, count: r * r)
            var to = [Int32](repeating: mask.isEmpty ? Int32(r) : 0, count: r * r)
            if !mask.isEmpty {
                // Input place i reaches outputs 2i - 1 ... 2i + 2 along each side (kernel 4, stride 2,
                // padding 1).
                for z in 0..<r {
                    for y in 0..<r {
                        var low = r
                        var high = 0
                        for oz in max(0, 2 * z - 1)...min(side - 1, 2 * z + 2) {
                            for oy in max(0, 2 * y - 1)...min(side - 1, 2 * y + 2) {
                                let row = (oz * side + oy) * side
                                guard let a = (0..<side).first(where: { mask[row + $0] > 0 }),
                                    let b = (0..<side).last(where: { mask[row + $0] > 0 })
                                else { continue }
                                low = min(low, max(0, (a - 1) / 2))
                                high = max(high, min(r, (b + 1) / 2 + 1))
                            }
                        }
                        if low < high { (from[z * r + y], to[z * r + y]) = (Int32(low), Int32(high)) }
                    }
                }
            }
            self.from = Tensor(from, shape: [r * r]).to(device)
            self.to = Tensor(to, shape: [r * r]).to(device)
        }

        /// x [batch, C, r, r, r], weight [C, 1, 4, 4, 4], bias [1], base of 8 r^3 voxels -> [batch, 2r, 2r, 2r].
        func density(_ x: Tensor, _ weight: Tensor, bias: Tensor? = nil, base: Tensor? = nil) -> Tensor {
            Self.layer(
                .tensor(x), .tensor(weight), .optional(bias), .optional(base), .tensor(from), .tensor(to))
        }
    }
}
