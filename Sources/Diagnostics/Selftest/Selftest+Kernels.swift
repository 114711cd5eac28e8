import CryoEM
import OpusDSD
import Torch

extension Selftest {
    private static let prior = Operator("dsd::volume_prior")
    private static let priorReference = Operator("dsd::volume_prior_reference")
    private static let densityLayer = Operator("dsd::density_layer")
    private static let neighbours = Operator("dsd::bank_neighbours")

    /// Total variation, mean absolute density and their gradient.
    func priorChecks() throws -> [Check] {
        let (low, high) = (2, 21)
        let volumes = normal([3, 24, 24, 24], 3)
        let weights = [normal([3], 4), normal([3], 5)]
        func results(_ kernel: Operator, _ dtype: DType, _ device: Device) throws -> [Tensor] {
            let v = try volumes.to(dtype).to(device).requiringGradient()
            let (tv, l1) = kernel.pair(.tensor(v), .int(low), .int(high))
            let slope = try gradients(
                of: [tv, l1], weights: weights.map { $0.to(dtype).to(device) }, for: [v]
            ).compactMap { $0 }
            return [tv, l1] + slope
        }
        let found = try results(Self.prior, .float32, device)
        let wanted = try results(Self.priorReference, .float64, .cpu)
        return try zip(
            ["total variation", "mean absolute density", "gradient of both"], zip(found, wanted)
        ).map { name, pair in
            Check(
                name, against: "tensor operators, float64", found: try difference(pair.0, pair.1),
                tolerance: 1e-5)
        }
    }

    /// The decoder's last layer and its gradients, all rows asked for.
    func densityLayerChecks() throws -> [Check] {
        var checks: [Check] = []
        for (dtype, tolerance) in [(DType.float32, 1e-5), (.bfloat16, 2e-2)] {
            let (channels, side) = (16, 12)
            let input = normal([2, channels, side, side, side], 6).to(dtype).to(.float64)
            let weight = normal([channels, 1, 4, 4, 4], 7)
            let upstream = normal([2, 24, 24, 24], 8)
            let (bias, base) = (normal([1], 18), normal([24, 24, 24], 19))
            let rows = Tensor([Int32](repeating: 0, count: side * side), shape: [side * side])
            let ends = Tensor([Int32](repeating: Int32(side), count: side * side), shape: [side * side])
            let x = try input.to(dtype).to(device).channelsLast3D().requiringGradient()
            let w = try weight.to(.float32).to(device).requiringGradient()
            let b = try bias.to(.float32).to(device).requiringGradient()
            let y = Self.densityLayer(
                .tensor(x), .tensor(w), .tensor(b), .tensor(base.to(.float32).to(device)),
                .tensor(rows.to(device)), .tensor(ends.to(device)))
            let found = try gradients(of: [y], weights: [upstream.to(y.dtype).to(device)], for: [x, w, b])
            let x64 = try input.requiringGradient()
            let w64 = try weight.requiringGradient()
            let b64 = try bias.requiringGradient()
            let y64 = x64.convTranspose3d(w64, b64, stride: 2, padding: 1).squeeze(1) + base
            let wanted = try gradients(of: [y64], weights: [upstream], for: [x64, w64, b64])
            let pairs = [(y, y64)] + zip(found.compactMap { $0 }, wanted.compactMap { $0 })
            let names = ["", ", gradient of input", ", gradient of weight", ", gradient of bias"]
            for (name, pair) in zip(names, pairs) {
                checks.append(
                    Check(
                        "density layer \(dtype)\(name)", against: "transposed convolution, float64",
                        found: try difference(pair.0, pair.1), tolerance: tolerance))
            }
        }
        return checks
    }

    /// The error of projections against images, and its gradient.
    func imageErrorChecks() throws -> [Check] {
        let (batch, poses, box) = (3, 2, 24)
        let upstream = normal([batch, poses], 20)
        func results(_ dtype: DType, _ device: Device) throws -> [Tensor] {
            func typed(_ shape: [Int], _ item: Int) -> Tensor { normal(shape, item).to(dtype).to(device) }
            let projections = try typed([batch, poses, box, box], 21).requiringGradient()
            let errors = ImageError.perPose(
                projections, transfer: typed([batch, box, box / 2 + 1], 22),
                spectra: typed([batch, box, box], 23).rfft2())
            let slope = try gradients(
                of: [errors], weights: [upstream.to(dtype).to(device)], for: [projections])
            return [errors] + slope.compactMap { $0 }
        }
        let found = try results(.float32, device)
        let wanted = try results(.float64, .cpu)
        return try zip(["image error", "image error, gradient"], zip(found, wanted)).map { name, pair in
            Check(
                name, against: "float64 on the CPU", found: try difference(pair.0, pair.1), tolerance: 1e-5)
        }
    }

    /// A transposed convolution of few channels, for which CUDA devices have kernels of their own, and its
    /// gradients.
    func upsamplingChecks() throws -> [Check] {
        var checks: [Check] = []
        for (precision, tolerance) in [(Precision.float32, 1e-5), (.bfloat16, 2e-2)] {
            let input = normal([2, 16, 9, 9, 9], 14).to(precision.dtype).to(.float64)
            let weight = normal([16, 8, 4, 4, 4], 15).to(precision.dtype).to(.float64)
            let bias = normal([8], 16).to(precision.dtype).to(.float64)
            let upstream = normal([2, 8, 18, 18, 18], 17).to(precision.dtype).to(.float64)
            func leaf(_ x: Tensor) throws -> Tensor {
                try x.to(precision.dtype).to(device).requiringGradient()
            }
            let (x, w, b) = (try leaf(input.channelsLast3D()), try leaf(weight), try leaf(bias))
            let y = x.doubled(by: w, b)
            let found = try gradients(of: [y], weights: [upstream.to(y.dtype).to(device)], for: [x, w, b])
            let exact = try [input, weight, bias].map { try $0.requiringGradient() }
            let y64 = exact[0].convTranspose3d(exact[1], exact[2], stride: 2, padding: 1)
            let wanted = try gradients(of: [y64], weights: [upstream], for: exact)
            let names = ["", ", gradient of input", ", gradient of weight", ", gradient of bias"]
            let pairs = [(y, y64)] + zip(found.compactMap { $0 }, wanted.compactMap { $0 })
            for (name, pair) in zip(names, pairs) {
                checks.append(
                    Check(
                        "upsampling layer \(precision.dtype)\(name)",
                        against: "transposed convolution, float64",
                        found: try difference(pair.0, pair.1), tolerance: tolerance))
            }
        }
        return checks
    }

    /// Sums of distances to the chosen codes: the sets may differ where distances are equal.
    func bankChecks() throws -> [Check] {
        let (queries, candidates) = (normal([40, 8], 9).to(.float32), normal([3000, 8], 10).to(.float32))
        let queryClasses = Tensor(indices: (0..<40).map { $0 % 12 })
        let classes = Tensor(indices: (0..<3000).map { $0 * 7 % 12 })
        func sums(on device: Device) throws -> [Tensor] {
            let (near, far) = Self.neighbours.pair(
                .tensor(queries.to(device)), .tensor(queryClasses.to(device)), .tensor(candidates.to(device)),
                .tensor(classes.to(device)), .int(128), .int(512))
            return try [near, far].map { chosen in
                let index = try chosen.to(.cpu).checked()
                let picked = candidates.indexSelect(0, index.flattened()).reshape([40, -1, 8])
                return (picked - queries.unsqueeze(1)).square().sum([2]).squareRoot().sum([1])
            }
        }
        let found = try sums(on: device)
        let wanted = try sums(on: .cpu)
        return try zip(["nearest of the bank", "furthest of the bank"], zip(found, wanted)).map {
            name, pair in
            Check(
                name, against: "selection on the CPU", found: try difference(pair.0, pair.1), tolerance: 1e-6)
        }
    }

    /// Counter-based numbers: uniform ones to the bit, normal ones to the last bits of logarithm and cosine.
    func randomChecks() throws -> [Check] {
        let random = CounterRandom(seed: 0x1234_5678_9abc_def0)
        let items = [0, 5, 1 << 40 | 3]
        let rows = Tensor(indices: items).to(device)
        func table(_ value: (Int, Int) -> Double) -> Tensor {
            Tensor(items.flatMap { item in (0..<201).map { value(item, 11 + $0) } }, shape: [3, 201])
        }
        let uniform = random.uniforms(.synthetic, items: rows, first: 11, count: 201)
        let normal = random.normals(.synthetic, items: rows, first: 11, count: 201)
        return [
            Check(
                "uniform random numbers", against: "one by one on the CPU",
                found: try difference(uniform, table { random.uniform(.synthetic, item: $0, $1) }),
                tolerance: 0),
            Check(
                "normal random numbers", against: "one by one on the CPU",
                found: try difference(normal, table { random.normal(.synthetic, item: $0, $1) }),
                tolerance: 1e-14),
        ]
    }

    /// The layers of libtorch that the networks are made of, each in the types that a run may choose.
    func convolutionChecks() throws -> [Check] {
        let x = normal([2, 8, 12, 12, 12], 11)
        let down = normal([16, 8, 4, 4, 4], 12)
        let up = normal([8, 16, 4, 4, 4], 13)
        let wanted = [
            x.conv3d(down, nil, stride: 2, padding: 1), x.convTranspose3d(up, nil, stride: 2, padding: 1),
        ]
        var checks: [Check] = []
        for (precision, tolerance) in [(Precision.float32, 1e-5), (.tensorFloat32, 3e-3), (.bfloat16, 2e-2)] {
            if device.isCUDA { try Runtime.allowTF32(precision.allowsTF32) }
            func typed(_ t: Tensor) -> Tensor { t.to(precision.dtype).to(device) }
            let input = typed(x).channelsLast3D()
            let found = [
                input.conv3d(typed(down), nil, stride: 2, padding: 1),
                input.convTranspose3d(typed(up), nil, stride: 2, padding: 1),
            ]
            let type = precision.allowsTF32 ? "TF32" : "\(precision.dtype)"
            for (name, pair) in zip(["convolution", "transposed convolution"], zip(found, wanted)) {
                checks.append(
                    Check(
                        "\(name) \(type)", against: "float64 on the CPU",
                        found: try difference(pair.0, pair.1),
                        tolerance: tolerance))
            }
        }
        if device.isCUDA { try Runtime.allowTF32(false) }
        return checks
    }
}
