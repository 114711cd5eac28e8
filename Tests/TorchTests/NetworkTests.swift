import TestSupport
import Testing
import Torch

@Suite struct NetworkTests {
    @Test func linearIsWeightTimesInputPlusBias() throws {
        let layer = Linear(weight: Tensor([1.0, 2, 3, 4, 5, 6], shape: [2, 3]), bias: .doubles(10, 20))
        try expect(layer(Tensor([1.0, 0, -1], shape: [1, 3]), .float64), [1, 2], [8, 18])
        try expect(Tensor.doubles(1, 1, 1).linear(layer.weight, nil), [2], [6, 15])
        #expect(layer.parameters("head").map(\.name) == ["head.weight", "head.bias"])
    }

    /// The sums of the definition, for each stride and padding, in all layouts.
    @Test(arguments: [(1, 0), (1, 1), (2, 0), (2, 1)])
    func convolutionIsTheSumOfItsDefinition(_ stride: Int, _ padding: Int) throws {
        let (n, k) = (5, 3)
        let x = Tensor.normal([2, 2, n, n, n], seed: 1)
        let w = Tensor.normal([3, 2, k, k, k], seed: 2)
        let b = Tensor.doubles(0.5, -1, 2)
        let (xs, ws, bs) = (try x.doubles(), try w.doubles(), try b.doubles())
        let m = (n + 2 * padding - k) / stride + 1
        var wanted: [Double] = []
        for image in 0..<2 {
            for out in 0..<3 {
                for place in 0..<m * m * m {
                    let corner = [place / (m * m), place / m % m, place % m].map { $0 * stride - padding }
                    var sum = bs[out]
                    for channel in 0..<2 {
                        for tap in 0..<k * k * k {
                            let (z, y, x) = (
                                corner[0] + tap / (k * k), corner[1] + tap / k % k, corner[2] + tap % k
                            )
                            guard (0..<n).contains(z), (0..<n).contains(y), (0..<n).contains(x) else {
                                continue
                            }
                            sum +=
                                xs[(((image * 2 + channel) * n + z) * n + y) * n + x]
                                * ws[(out * 2 + channel) * k * k * k + tap]
                        }
                    }
                    wanted.append(sum)
                }
            }
        }
        let layer = Convolution3D(weight: w, bias: b, stride: stride, padding: padding)
        try expect(layer(x, .float64), [2, 3, m, m, m], wanted, within: 1e-13)
        let single = Convolution3D(
            weight: w.to(.float32), bias: b.to(.float32), stride: stride, padding: padding)
        let reference = Tensor(wanted, shape: [2, 3, m, m, m])
        #expect(try single(x, .float32).to(.float64).relativeDifference(from: reference) < 1e-6)
        let half = single(x, .bfloat16)
        #expect(half.dtype == .bfloat16)
        #expect(try half.to(.float64).relativeDifference(from: reference) < 0.02)
    }

    @Test(arguments: [2, 4])
    func transposedConvolutionIsTheAdjointOfConvolution(_ kernel: Int) throws {
        let w = Tensor.normal([3, 2, kernel, kernel, kernel], seed: 5)
        let none = Tensor.zeros([3], .float64)
        let x = Tensor.normal([2, 2, 6, 6, 6], seed: 6)
        let y = Convolution3D(weight: w, bias: none, stride: 2, padding: kernel / 2 - 1)(x, .float64)
        let z = Tensor.normal(y.shape, seed: 7)
        let back = TransposedConvolution3D(weight: w, bias: Tensor.zeros([2], .float64))(z, .float64)
        #expect(back.shape == x.shape)
        #expect(abs(try (y * z).sum().item() - (x * back).sum().item()) < 1e-10)
    }

    /// Layers of few channels have kernels of their own on the CPU: values and gradients of libtorch's
    /// convolution with the activation behind it, for even and odd fine sides, one fine channel, and panels
    /// of every width.
    @Test(arguments: [
        (8, 4, 3, 6), (4, 4, 1, 2), (12, 8, 4, 8), (32, 16, 2, 4), (8, 1, 3, 6), (4, 1, 3, 7), (16, 1, 4, 9),
        (8, 4, 3, 7),
        (32, 16, 1, 3), (64, 4, 5, 10), (16, 8, 9, 18), (8, 1, 11, 23), (4, 1, 20, 40),
    ])
    func layersOfFewChannelsEqualLibtorch(_ coarse: Int, _ fine: Int, _ r: Int, _ f: Int) throws {
        let weight = try Tensor.normal([coarse, fine, 4, 4, 4], seed: 1).requiringGradient()
        func compare(_ x: Tensor, _ bias: Tensor, _ layers: [(Tensor, Tensor, Tensor) -> Tensor]) throws {
            let leaves = [try x.requiringGradient(), weight, try bias.requiringGradient()]
            let results = layers.map { $0(leaves[0], leaves[1], leaves[2]) }
            let upstream = Tensor.normal(results[0].shape, seed: 4)
            let found = try results.map { try gradients(of: [$0], weights: [upstream], for: leaves) }
            #expect(try (results[0] - results[1]).abs().max().item() < 1e-12)
            for (a, b) in zip(found[0], found[1]) {
                #expect(try (#require(a) - #require(b)).abs().max().item() < 1e-11)
            }
        }
        let down = Tensor.normal([2, fine, f, f, f], seed: 2)
        try compare(
            down, Tensor.normal([coarse], seed: 3),
            [
                { $0.halved(by: $1, $2, slope: 0.2) },
                { $0.conv3d($1, $2, stride: 2, padding: 1).leakyReLU(0.2) },
            ])
        guard f == 2 * r else { return }
        let up = Tensor.normal([2, coarse, r, r, r], seed: 2)
        try compare(
            up, Tensor.normal([fine], seed: 3),
            [
                { $0.doubled(by: $1, $2, slope: 0.2) },
                { $0.convTranspose3d($1, $2, stride: 2, padding: 1).leakyReLU(0.2) },
            ])
    }

    /// The same kernels in float32, where vectors are twice as long, against those in float64.
    @Test(arguments: [(4, 1, 20), (8, 1, 33), (12, 1, 5), (8, 4, 18), (16, 8, 7), (32, 16, 17), (40, 12, 3)])
    func layersOfFewChannelsInSinglePrecision(_ coarse: Int, _ fine: Int, _ r: Int) throws {
        func results(_ type: DType) throws -> [Tensor] {
            let w = try Tensor.normal([coarse, fine, 4, 4, 4], seed: 1).to(type).requiringGradient()
            let up = try Tensor.normal([2, coarse, r, r, r], seed: 2).to(type).requiringGradient()
            let down = try Tensor.normal([2, fine, 2 * r, 2 * r, 2 * r], seed: 3).to(type)
                .requiringGradient()
            let (b, c) = (Tensor.normal([fine], seed: 4).to(type), Tensor.normal([coarse], seed: 5).to(type))
            let results = [up.doubled(by: w, b, slope: 0.2), down.halved(by: w, c, slope: 0.2)]
            let found = try gradients(
                of: results, weights: [down.detached(), up.detached()], for: [w, up, down])
            return results + found.compactMap { $0 }
        }
        let (single, double) = (try results(.float32), try results(.float64))
        #expect(single.count == 5)
        for (a, b) in zip(single, double) {
            #expect(a.dtype == .float32)
            #expect(try a.to(.float64).relativeDifference(from: b) < 2e-5)
        }
    }

    /// On a CPU bfloat16 is for wide layers alone.
    @Test func narrowLayersStayInSinglePrecision() throws {
        func layer(_ coarse: Int, _ fine: Int, _ k: Int) -> TransposedConvolution3D {
            TransposedConvolution3D(
                weight: Tensor.normal([coarse, fine, k, k, k], seed: 1, .float32),
                bias: Tensor.zeros([fine]))
        }
        let x = Tensor.normal([2, 8, 6, 6, 6], seed: 2, .float32)
        let narrow = layer(8, 4, 4)
        #expect(try narrow(x, .bfloat16).floats() == narrow(x, .float32).floats())
        #expect(layer(8, 4, 2)(x, .bfloat16).dtype == .float32)
        let wide = Tensor.normal([2, 64, 6, 6, 6], seed: 2, .float32)
        #expect(layer(64, 32, 4)(wide, .bfloat16).dtype == .bfloat16)
        let row = Linear(weight: Tensor.normal([3, 4], seed: 1, .float32), bias: Tensor.zeros([3]))
        #expect(row(Tensor.zeros([2, 4]), .bfloat16).dtype == .float32)
    }

    @Test func leakyReLUInPlaceHasValuesAndGradientOfTheOther() throws {
        let x = try Tensor.normal([50], seed: 8).requiringGradient()
        let (a, b) = ((x * 1).leakyReLU(0.25), (x * 1).leakyReLU(inPlace: 0.25))
        #expect(try a.doubles() == b.doubles())
        let slopes = try [a, b].map {
            try #require(try gradients(of: $0.square().sum(), for: [x])[0]).doubles()
        }
        #expect(slopes[0] == slopes[1])
    }

    @Test func leakyReLUScalesWhatIsBelowZero() throws {
        try expect(Tensor.doubles(-2, 0, 3).leakyReLU(0.25), [3], [-0.5, 0, 3])
    }

    @Test func trilinearResamplingKeepsEndPointsAndLinearRamps() throws {
        let x = TrilinearResampling(from: 2, to: 3, dtype: .float64)(Tensor.counting([1, 1, 2, 2, 2]))
        try expect(x.select(2, 0), [1, 1, 3, 3], [0, 0.5, 1, 1, 1.5, 2, 2, 2.5, 3])
        try expect(x.flattened().select(0, 26), [], [7])
        try expect(x.flattened().select(0, 13), [], [3.5])
    }

    /// The shim's kernel and products of matrices equal libtorch's own operator, with their gradients, for
    /// cubes that grow and shrink.
    @Test(arguments: [(4, 7), (16, 9), (5, 5), (3, 2), (1, 3)])
    func trilinearResamplingEqualsLibtorch(_ from: Int, _ to: Int) throws {
        for channels in [3, 4, 8, 16] {
            let x = try Tensor.normal([2, channels, from, from, from], seed: 1).requiringGradient()
            let slope = Tensor.normal([2, channels, to, to, to], seed: 2)
            let wanted = Operator("aten::upsample_trilinear3d")(
                .tensor(x), .ints([to, to, to]), .bool(true))
            let exact = try #require(try gradients(of: [wanted], weights: [slope], for: [x])[0])
            let resampling = TrilinearResampling(from: from, to: to, dtype: .float64)
            for found in [resampling(x), resampling.products(x)] {
                #expect(found.shape == wanted.shape)
                #expect(try found.relativeDifference(from: wanted) < 1e-12)
                let gradient = try #require(try gradients(of: [found], weights: [slope], for: [x])[0])
                #expect(try gradient.relativeDifference(from: exact) < 1e-12)
            }
        }
    }
}
