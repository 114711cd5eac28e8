import Testing
import TestSupport
import Torch

@Suite struct GradientTests {
    @Test func gradientOfASumOfSquaresIsTwiceTheInput() throws {
        let x = try Tensor.doubles(1, -2, 3).requiringGradient()
        #expect(x.requiresGradient)
        try expect(try #require(try gradients(of: x.square().sum(), for: [x])[0]), [3], [2, -4, 6])
    }

    @Test func nothingIsAccumulatedOverCalls() throws {
        let x = try Tensor.doubles(1).requiringGradient()
        for _ in 0..<3 { try expect(try #require(try gradients(of: (x * 5).sum(), for: [x])[0]), [1], [5]) }
    }

    @Test func anUnusedInputHasTheGradientNil() throws {
        let x = try Tensor.doubles(1, 2).requiringGradient(), y = try Tensor.doubles(3).requiringGradient()
        let found = try gradients(of: x.sum(), for: [y, x])
        #expect(found[0] == nil)
        try expect(try #require(found[1]), [2], [1, 1])
    }

    @Test func weightsSumGradientsOfSeveralOutputs() throws {
        let x = try Tensor.doubles(1, 2, 3).requiringGradient()
        let found = try gradients(
            of: [x.square(), (x * 2).sum()], weights: [.doubles(1, 0, -1), nil], for: [x])
        try expect(try #require(found[0]), [3], [4, 2, -4])
        let scaled = try gradients(of: [x.sum()], weights: [.scalar(-3, .float64)], for: [x])
        try expect(try #require(scaled[0]), [3], [-3, -3, -3])
    }

    @Test func aGraphIsFreedUnlessItIsKept() throws {
        let x = try Tensor.doubles(2).requiringGradient()
        let y = x.square().sum()
        _ = try gradients(of: [y], weights: [nil], for: [x], keepGraph: true)
        _ = try gradients(of: y, for: [x])
        #expect(throws: TorchError.self) { try gradients(of: y, for: [x]) }
    }

    @Test func whatCannotHaveAGradientIsAnError() throws {
        let x = try Tensor.doubles(1, 2).requiringGradient(), plain = Tensor.doubles(1, 2)
        #expect(throws: TorchError.self) { try gradients(of: x * 2, for: [x]) }
        #expect(throws: TorchError.self) { try gradients(of: plain.sum(), for: [x]) }
        #expect(throws: TorchError.self) { try gradients(of: x.sum(), for: [plain]) }
        #expect(throws: TorchError.self) { try gradients(of: [x * 2], weights: [.doubles(1)], for: [x]) }
        #expect(throws: TorchError.self) { try gradients(of: [x.sum(), x.mean()], weights: [nil], for: [x]) }
        #expect(throws: TorchError.self) { try Tensor(indices: [1]).requiringGradient() }
    }

    @Test func detachedTensorsAreNotRecorded() throws {
        let x = try Tensor.doubles(3).requiringGradient()
        #expect(!x.detached().requiresGradient)
        try expect(try #require(try gradients(of: (x * x.detached()).sum(), for: [x])[0]), [1], [3])
    }

    @Test func withoutGradientRestoresTheModeAfterReturnThrowAndNesting() throws {
        let x = try Tensor.doubles(1).requiringGradient()
        struct Stop: Error {}
        #expect(!withoutGradient { (x * 2).requiresGradient })
        #expect((x * 2).requiresGradient)
        #expect(throws: Stop.self) { try withoutGradient { throw Stop() } }
        #expect((x * 2).requiresGradient)
        withoutGradient {
            withoutGradient {}
            #expect(!(x * 2).requiresGradient)
        }
        #expect((x * 2).requiresGradient)
    }

    @Test func convolutionGradientsEqualFiniteDifferencesInEveryLayout() throws {
        let x = Tensor.normal([1, 2, 4, 4, 4], seed: 1), w = Tensor.normal([2, 2, 3, 3, 3], seed: 2)
        let weight = Tensor.normal([1, 2, 2, 2, 2], seed: 3), bias = Tensor.doubles(0.1, -0.2)
        func value(_ w: Tensor) -> Tensor {
            (x.conv3d(w, bias, stride: 2, padding: 1).square() * weight).sum()
        }
        let leaf = try w.requiringGradient(), strided = try w.channelsLast3D().requiringGradient()
        let numeric = try centralDifferences(at: w.doubles(), 0..<w.count) {
            try value(Tensor($0, shape: w.shape)).item()
        }
        for input in [leaf, strided] {
            let found = try #require(try gradients(of: value(input), for: [input])[0]).doubles()
            for (a, b) in zip(found, numeric) { #expect(abs(a - b) < 1e-6 * max(1, abs(b))) }
        }
    }
}
