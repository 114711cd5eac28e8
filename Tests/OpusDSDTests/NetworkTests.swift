import OpusDSD
import Testing
import Torch

@Suite struct NetworkTests {
    /// METHOD 2.2 and 2.3: with Z = 12 and Za = 4 the encoder has 28.2 M and the decoder 33.2 M parameters, of
    /// which those of the encoder's last convolution that meet padding alone are not kept.
    @Test func paperNetworksHaveThePapersLayersAndParameterCounts() throws {
        let encoder = try Encoder(side: 114, latentSize: 16, width: 1, logSigmaBias: 0, seed: 1)
        let sides = encoder.convolutions.map { ($0.weight.shape[1], $0.weight.shape[0]) }
        #expect(sides.map(\.0) == [1, 32, 64, 128, 256, 512])
        #expect(sides.map(\.1) == [32, 64, 128, 256, 512, 512])
        let decoder = try Decoder(side: 256, latentSize: 12, width: 1, mask: [], seed: 1)
        #expect(decoder.layers.map { $0.weight.shape[0] } == [2048, 1024, 512, 256, 128, 64, 32])
        #expect(decoder.layers.map { $0.weight.shape[2] } == [2, 2, 4, 4, 4, 4, 4])
        #expect(decoder.density.weight.shape == [16, 1, 4, 4, 4])
        #expect(encoder.convolutions[5].weight.shape == [512, 512, 3, 3, 3])
        let e = Double(Model.parameterCount(encoder.parameters) + 512 * 512 * (64 - 27)) / 1e6
        let d = Double(Model.parameterCount(decoder.parameters)) / 1e6
        #expect(abs(e - 28.2) < 0.1, "encoder \(e) M")
        #expect(abs(d - 33.2) < 0.1, "decoder \(d) M")
    }

    @Test(arguments: 4...70)
    func encoderBringsEverySideToOneVoxel(side: Int) throws {
        let encoder = try Encoder(side: side, latentSize: 2, width: 0.02, logSigmaBias: -1, seed: 1)
        let (mean, logSigma) = encoder(Tensor.zeros([1, side, side, side]), .float32)
        #expect(try mean.checked().shape == [1, 2])
        #expect(try logSigma.floats() == [-1, -1])
    }

    /// The last convolution is that of kernel 4, stride 2 and padding 1 with the weights that earlier versions
    /// kept all of.
    @Test(arguments: [16, 26]) func weightsOfPaddingAreNotKept(side: Int) throws {
        let encoder = try Encoder(side: side, latentSize: 2, width: 0.02, logSigmaBias: 0, seed: 1)
        let last = try #require(encoder.convolutions.last)
        let f = last.weight.size(2)
        #expect(f == (side == 16 ? 2 : 3))
        let saved = Tensor.normal(Array(last.weight.shape[..<2]) + [4, 4, 4], seed: 2).to(.float32)
        let parameter = Parameter("weight", last.weight.detached())
        try parameter.tensor.copy(from: #require(parameter.fitting(saved)))
        let x = Tensor.normal([2, last.weight.size(1), f, f, f], seed: 3).to(.float32)
        let expected = x.conv3d(saved, last.bias, stride: 2, padding: 1)
        #expect(try (last(x) - expected).abs().max().item() < 1e-5)
        #expect(parameter.fitting(Tensor.zeros(Array(last.weight.shape[..<2]) + [5, 5, 5])) == nil)
        #expect(parameter.fitting(Tensor.zeros([1, 1, 4, 4, 4])) == nil)
    }

    @Test(arguments: [4, 8, 16, 18, 24, 30, 32, 36, 48, 60, 64, 72])
    func decoderMakesEveryFeasibleSide(side: Int) throws {
        let decoder = try Decoder(side: side, latentSize: 2, width: 0.004, mask: [], seed: 1)
        #expect(try decoder(Tensor.zeros([2, 2]), .float32).checked().shape == [2, side, side, side])
    }

    @Test func sidesThatTheDecoderCannotMakeGoUpToTheNext() throws {
        #expect(
            [5, 9, 16, 17, 31, 33, 57, 64, 65, 114, 144, 172, 224, 256].map {
                Decoder.feasibleSide(atLeast: $0)
            }
                == [8, 16, 16, 18, 32, 36, 60, 64, 72, 120, 144, 176, 224, 256])
        #expect(throws: TorchError.self) {
            try Decoder(side: 33, latentSize: 2, width: 0.01, mask: [], seed: 1)
        }
    }

    /// METHOD 2.4: every 2x2x2 block of taps of a transposed convolution starts with one value.
    @Test func transposedConvolutionsStartWithoutCheckerboard() throws {
        let decoder = try Decoder(side: 16, latentSize: 2, width: 0.01, mask: [], seed: 1)
        for layer in decoder.layers + [decoder.density] {
            let w = layer.weight
            for offset in 0..<(w.shape[2] / 2) {
                let even = w.select(2, 2 * offset)
                let odd = w.select(2, 2 * offset + 1)
                #expect(try (even - odd).abs().max().item() == 0)
            }
        }
    }

    @Test func poseCorrectionStartsWithoutEffectAndGivesRotations() throws {
        let head = try PoseCorrection(size: 4, seed: 1)
        let (rotation, shift) = head(Tensor([0.4, -1, 2, 0.1, 3, 1, -2, 0.3] as [Float], shape: [2, 4]))
        #expect(try (rotation - Tensor.identity(3)).abs().max().item() < 1e-6)
        #expect(try shift.abs().max().item() == 0)
    }

    @Test func weightsDependOnTheSeedAlone() throws {
        func first(_ seed: UInt64) throws -> [Float] {
            try Encoder(side: 8, latentSize: 2, width: 0.1, logSigmaBias: 0, seed: seed).convolutions[0]
                .weight.floats()
        }
        #expect(try first(1) == first(1))
        #expect(try first(1) != first(2))
    }
}
