import OpusDSD
import Torch

/// One convolution or linear layer of the networks at a run's shapes and types, with nothing around it: what
/// a training step cannot do without.
struct BareLayer: Sendable {
    let name: String
    /// Multiplications and additions of forward and backward pass, for all images.
    let operations: Double
    /// Makes the layer's input and upstream gradient; the result runs forward and backward.
    let prepare: @Sendable () throws -> @Sendable () throws -> Void
    /// The same layer by libtorch's own operator, for each number type that the run could take. It goes
    /// through all places, as it knows no mask.
    let prepareLibtorch: [@Sendable () throws -> @Sendable () throws -> Void]

    /// All layers of a model in order, for `count` images.
    static func all(_ model: Model, encoderSide: Int, count: Int, device: Device) -> [BareLayer] {
        let make = Maker(count: count, precision: model.precision, device: device)
        var layers: [BareLayer] = []
        var side = encoderSide
        for (k, layer) in model.encoder.convolutions.enumerated() {
            layers.append(make.convolution("encoder.down\(k)", layer, side: side, first: k == 0))
            side = (side - 2) / 2 + 1
        }
        for (name, layer) in [
            ("encoder.hidden", model.encoder.hidden), ("encoder.mean", model.encoder.mean),
            ("encoder.logSigma", model.encoder.logSigma), ("decoder.first", model.decoder.first),
            ("decoder.second", model.decoder.second),
        ] { layers.append(make.linear(name, layer)) }
        side = 1
        for (k, layer) in model.decoder.layers.enumerated() {
            layers.append(
                make.transposed(
                    "decoder.up\(k)", layer, side: side, rows: model.decoder.rows(ofLayer: k)))
            side *= 2
            if k == Decoder.resampledStep, let resampled = model.decoder.resampledSide { side = resampled }
        }
        layers.append(make.density(model.decoder, side: side))
        return layers
    }
}

/// Makes layers for a number of images.
private struct Maker: Sendable {
    let count: Int
    let precision: Precision
    let device: Device

    func linear(_ name: String, _ layer: Linear) -> BareLayer {
        let (output, input) = (layer.weight.size(0), layer.weight.size(1))
        let prepare: @Sendable () throws -> @Sendable () throws -> Void = {
            let rows = precision.forRows(on: device)
            return try passes([count, input], [count, output], layer.weight, layer.bias, rows) { x, w, b in
                x.linear(w, b)
            }
        }
        return BareLayer(
            name: name, operations: 6 * Double(count * input * output), prepare: prepare,
            prepareLibtorch: [prepare])
    }

    /// Number types that a layer of libtorch is measured in.
    private var types: [Precision] { precision.dtype == .bfloat16 ? [precision, .float32] : [precision] }

    /// - Parameter first: the layer's input has no gradient.
    func convolution(_ name: String, _ layer: Convolution3D, side: Int, first: Bool) -> BareLayer {
        let (output, input, kernel) = (layer.weight.size(0), layer.weight.size(1), layer.weight.size(2))
        let (stride, padding) = (layer.stride, layer.padding)
        let out = (side - 2) / 2 + 1
        let passesCount = first ? 2.0 : 3.0
        let shapes = ([count, input, side, side, side], [count, output, out, out, out])
        let products = Double(count * input * output * kernel * kernel * kernel * out * out * out)
        let own = layer.precision(precision, side: side, on: device)
        return BareLayer(
            name: name, operations: 2 * passesCount * products,
            prepare: {
                try passes(shapes.0, shapes.1, layer.weight, layer.bias, own, first: first) { x, w, b in
                    Convolution3D(weight: w, bias: b, stride: stride, padding: padding)(x, own)
                }
            },
            prepareLibtorch: types.map { type in
                {
                    try passes(shapes.0, shapes.1, layer.weight, layer.bias, type, first: first) { x, w, b in
                        x.conv3d(w, b, stride: stride, padding: padding)
                    }
                }
            })
    }

    func transposed(
        _ name: String, _ layer: TransposedConvolution3D, side: Int, rows: LayerRows?
    ) -> BareLayer {
        let (input, output, kernel) = (layer.weight.size(0), layer.weight.size(1), layer.weight.size(2))
        let macs =
            Double(count * input * output) * Double(kernel * kernel * kernel * side * side * side)
            * (rows?.share ?? 1)
        let shapes = ([count, input, side, side, side], [count, output, 2 * side, 2 * side, 2 * side])
        return BareLayer(
            name: name, operations: 6 * macs,
            prepare: {
                try passes(
                    shapes.0, shapes.1, layer.weight, layer.bias,
                    precision.forCubes(layer.weight, coarse: side, on: device)
                ) { x, w, b in x.doubled(by: w, b, rows: rows) }
            },
            prepareLibtorch: types.map { type in
                {
                    try passes(shapes.0, shapes.1, layer.weight, layer.bias, type) { x, w, b in
                        x.convTranspose3d(w, b, stride: 2, padding: (kernel - 2) / 2)
                    }
                }
            })
    }

    /// The last layer, for the rows that reach the mask.
    func density(_ decoder: Decoder, side: Int) -> BareLayer {
        let channels = decoder.density.weight.size(0)
        let shapes = ([count, channels, side, side, side], [count, 1, 2 * side, 2 * side, 2 * side])
        return BareLayer(
            name: "decoder.density",
            operations: 6 * Double(count * channels * 64 * side * side * side) * decoder.densityRows.share,
            prepare: {
                let before = decoder.layers.last.map {
                    precision.forCubes($0.weight, coarse: side / 2, on: device)
                }
                let x = try input(shapes.0, before).requiringGradient()
                let upstream = Tensor.ones([count, 2 * side, 2 * side, 2 * side], wide, on: device)
                return {
                    let y = decoder.densities(x)
                    for found in try gradients(
                        of: [y], weights: [upstream], for: [x, decoder.density.weight])
                    {
                        try found?.checked()
                    }
                }
            },
            prepareLibtorch: types.map { type in
                {
                    try passes(shapes.0, shapes.1, decoder.density.weight, decoder.density.bias, type) {
                        x, w, b in
                        x.convTranspose3d(w, b, stride: 2, padding: 1)
                    }
                }
            })
    }

    private var wide: DType { precision.dtype == .float64 ? .float64 : .float32 }

    private func input(_ shape: [Int], _ precision: Precision? = nil) -> Tensor {
        let precision = precision ?? self.precision
        let x = Tensor.full(shape, 0.5, precision.dtype, on: device)
        guard shape.count == 5, precision.channelsLast else { return x }
        // One channel is the last side as well as the second, and has to be laid out as such.
        return shape[1] == 1
            ? x.reshape([shape[0], shape[2], shape[3], shape[4], 1]).permute([0, 4, 1, 2, 3])
            : x.channelsLast3D()
    }

    private func passes(
        _ inputShape: [Int], _ outputShape: [Int], _ weight: Tensor, _ bias: Tensor, _ precision: Precision,
        first: Bool = false,
        _ layer: @escaping @Sendable (Tensor, Tensor, Tensor) -> Tensor
    ) throws -> @Sendable () throws -> Void {
        let x = first ? input(inputShape, precision) : try input(inputShape, precision).requiringGradient()
        let w = try weight.detached().to(precision.dtype).requiringGradient()
        let b = try bias.detached().to(precision.dtype).requiringGradient()
        let upstream = input(outputShape, precision)
        return {
            let y = layer(x, w, b)
            for found in try gradients(of: [y], weights: [upstream], for: first ? [w, b] : [x, w, b]) {
                try found?.checked()
            }
        }
    }
}
