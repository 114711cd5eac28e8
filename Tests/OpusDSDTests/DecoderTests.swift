import OpusDSD
import TestSupport
import Testing
import Torch

@Suite struct DecoderTests {
    /// The last layer, evaluated only where the mask needs it, agrees inside the mask with the same layer
    /// evaluated
    /// everywhere, for every place of a one-voxel mask.
    @Test func densityInsideMaskDoesNotDependOnSkippedRows() throws {
        let side = 8
        let codes = Tensor((0..<6).map { Float($0) * 0.3 - 0.7 }, shape: [2, 3])
        let whole = try Decoder(side: side, latentSize: 3, width: 0.01, mask: [], seed: 3)
        let everywhere = try whole(codes, .float32).floats()
        let n = side * side * side
        for voxel in stride(from: 0, to: n, by: 7) {
            var mask = [Float](repeating: 0, count: n)
            mask[voxel] = 1
            let decoder = try Decoder(side: side, latentSize: 3, width: 0.01, mask: mask, seed: 3)
            let found = try decoder(codes, .float32).floats()
            for image in 0..<2 {
                #expect(
                    abs(found[image * n + voxel] - everywhere[image * n + voxel]) < 1e-5, "voxel \(voxel)")
            }
        }
    }

    /// Layers go through what reaches the mask alone: voxels of the mask, and gradients from there, are
    /// those of a decoder that goes through everything, in float64.
    @Test(arguments: [(32, 1), (64, 1), (64, 9), (48, 1)])
    func gradientsFromTheMaskAreThoseOfAllVoxels(_ side: Int, _ corner: Int) throws {
        var mask = [Float](repeating: 0, count: side * side * side)
        for z in 0..<5 {
            for y in 0..<7 {
                for x in 0..<4 {
                    // Two parts far from each other, one of them at a face.
                    mask[((z + corner) * side + y) * side + x + side / 3] = 1
                    mask[((z + side / 2) * side + y + side / 2) * side + side - 1 - x] = 1
                }
            }
        }
        let decoders = try [mask, []].map {
            try Decoder(side: side, latentSize: 3, width: 1.0 / 16, mask: $0, seed: 4, dtype: .float64)
        }
        #expect(decoders[0].rows(ofLayer: 3) != nil || decoders[0].resampledSide != nil)
        let codes = try Tensor.normal([2, 3], seed: 3).requiringGradient()
        let weight = Tensor.normal([2, side, side, side], seed: 5)
            * Tensor(mask, shape: [side, side, side]).to(.float64)
        let found = try decoders.map { decoder in
            let sum = (decoder(codes, .float64) * weight).sum()
            let slopes = try gradients(of: sum, for: [codes] + decoder.parameters.map(\.tensor))
            return [sum] + slopes.compactMap { $0 }
        }
        #expect(found[0].count == found[1].count)
        for (own, all) in zip(found[0], found[1]) {
            #expect(try own.relativeDifference(from: all) < 1e-12)
        }
    }

    /// The hand-written last layer is libtorch's transposed convolution, values and gradients, in float64.
    @Test(arguments: [4, 5, 8, 16, 33])
    func densityLayerEqualsTransposedConvolution(channels: Int) throws {
        let r = 3
        func values(_ count: Int, _ seed: Int) -> [Double] {
            (0..<count).map { Double(($0 * 7919 + seed) % 101) / 50 - 1 }
        }
        let x = try Tensor(values(2 * channels * r * r * r, 1), shape: [2, channels, r, r, r])
            .requiringGradient()
        let w = try Tensor(values(channels * 64, 2), shape: [channels, 1, 4, 4, 4]).requiringGradient()
        let from = Tensor([Int32](repeating: 0, count: r * r), shape: [r * r])
        let to = Tensor([Int32](repeating: Int32(r), count: r * r), shape: [r * r])
        let weight = Tensor(values(2 * 8 * r * r * r, 3), shape: [2, 2 * r, 2 * r, 2 * r])
        let bias = try Tensor([0.3], shape: [1]).requiringGradient()
        let base = Tensor(values(8 * r * r * r, 4), shape: [2 * r, 2 * r, 2 * r])
        for (bias, base) in [(nil, nil), (bias, nil), (nil, base), (bias, base)] as [(Tensor?, Tensor?)] {
            let ours = Operator("dsd::density_layer")(
                .tensor(x), .tensor(w), .optional(bias), .optional(base), .tensor(from), .tensor(to))
            var theirs = x.convTranspose3d(w, bias, stride: 2, padding: 1).squeeze(1)
            if let base { theirs = theirs + base }
            let difference = try (ours - theirs).abs().max().item()
            #expect(difference < 1e-12)
            let inputs = [x, w] + (bias.map { [$0] } ?? [])
            let a = try gradients(of: (ours * weight).sum(), for: inputs)
            let b = try gradients(of: (theirs * weight).sum(), for: inputs)
            for (left, right) in zip(a, b) {
                #expect(try (#require(left) - #require(right)).abs().max().item() < 1e-11)
            }
        }
    }
}
