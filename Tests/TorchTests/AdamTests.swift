import Foundation
import TestSupport
import Testing
import Torch

@Suite struct AdamTests {
    /// Adam as its paper writes it (Kingma and Ba 2015, algorithm 1).
    struct Textbook {
        var theta: [Double], m: [Double], v: [Double], t = 0.0
        init(_ start: [Double]) {
            theta = start
            m = start.map { _ in 0 }
            v = m
        }
        mutating func step(_ g: [Double], _ rate: Double, _ beta1: Double, _ beta2: Double, _ epsilon: Double)
        {
            t += 1
            for i in theta.indices {
                m[i] = beta1 * m[i] + (1 - beta1) * g[i]
                v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i]
                theta[i] -=
                    rate * (m[i] / (1 - pow(beta1, t)))
                    / ((v[i] / (1 - pow(beta2, t))).squareRoot() + epsilon)
            }
        }
    }

    @Test(arguments: [(0.9, 0.999, 1e-8), (0.5, 0.9, 1e-3)])
    func stepsEqualTheTextbookInFloat64(_ beta1: Double, _ beta2: Double, _ epsilon: Double) throws {
        let shapes = [[3, 4], [], [2, 2, 3, 3, 3]]
        let parameters = shapes.enumerated().map {
            Parameter("p\($0)", Tensor.normal($1, seed: UInt64($0 + 1)))
        }
        var books = try parameters.map { Textbook(try $0.tensor.doubles()) }
        let adam = Adam(parameters, beta1: beta1, beta2: beta2, epsilon: epsilon)
        for step in 0..<7 {
            let rate = 0.1 / Double(step + 1)
            let gradients = shapes.enumerated().map { Tensor.normal($1, seed: UInt64(100 * step + $0)) }
            try adam.step(gradients, learningRate: rate)
            for k in shapes.indices {
                books[k].step(try gradients[k].doubles(), rate, beta1, beta2, epsilon)
                try expect(parameters[k].tensor, shapes[k], books[k].theta, within: 1e-12)
            }
        }
        let state = adam.state("adam")
        try expect(
            try #require(state.first { $0.name == "adam.p0.m" }).tensor, [3, 4], books[0].m, within: 1e-13)
        try expect(
            try #require(state.first { $0.name == "adam.p0.v" }).tensor, [3, 4], books[0].v, within: 1e-13)
        try expect(try #require(state.first { $0.name == "adam.p0.step" }).tensor, [], [7])
    }

    /// Convolutions in channels-last order give gradients whose memory is in another order than the weight's.
    @Test func stridedGradientsOfAConvolutionWeightMoveTheRightEntries() throws {
        let w = try Tensor.normal([4, 3, 3, 3, 3], seed: 1).requiringGradient()
        let parameter = Parameter("w", w)
        let x = Tensor.normal([2, 3, 6, 6, 6], seed: 2).channelsLast3D()
        var book = Textbook(try w.doubles())
        let adam = Adam([parameter])
        for _ in 0..<3 {
            let loss = x.conv3d(w.channelsLast3D(), nil, stride: 2, padding: 1).square().sum()
            let gradient = try #require(try gradients(of: loss, for: [w])[0])
            try adam.step([gradient.channelsLast3D()], learningRate: 0.01)
            book.step(try gradient.doubles(), 0.01, 0.9, 0.999, 1e-8)
            try expect(w, w.shape, book.theta, within: 1e-12)
        }
        let transposed = Tensor.normal([3, 5], seed: 9)
        let other = Parameter("t", Tensor.zeros([5, 3], .float64))
        try Adam([other]).step([transposed.transposed(0, 1)], learningRate: 1)
        try expect(
            other.tensor, [5, 3], try transposed.transposed(0, 1).sign().doubles().map { -$0 }, within: 1e-6)
    }

    @Test func aParameterWithoutGradientStaysAsItIs() throws {
        let still = Parameter("still", .doubles(1, 2))
        let moved = Parameter("moved", .doubles(1, 2))
        let adam = Adam([still, moved])
        try adam.step([nil, .doubles(1, -1)], learningRate: 0.5)
        try adam.step([nil, nil], learningRate: 0.5)
        try expect(still.tensor, [2], [1, 2])
        try expect(moved.tensor, [2], [0.5, 2.5], within: 1e-7)
        #expect(try adam.state("a").first { $0.name == "a.still.step" }?.tensor.item() == 0)
        #expect(try adam.state("a").first { $0.name == "a.moved.step" }?.tensor.item() == 1)
        // Its first step is then the first of the formula, not the third.
        try adam.step([.doubles(3, -3), nil], learningRate: 0.5)
        try expect(still.tensor, [2], [0.5, 2.5], within: 1e-7)
    }

    @Test func gradientsThatDoNotBelongAreErrorsAndChangeNothing() throws {
        let p = Parameter("p", .doubles(1, 2))
        let adam = Adam([p])
        #expect(throws: TorchError.self) { try adam.step([], learningRate: 1) }
        let error = #expect(throws: TorchError.self) { try adam.step([.doubles(1, 2, 3)], learningRate: 1) }
        #expect(error?.description.contains("p has shape [3], wanted [2]") == true)
        #expect(throws: TorchError.self) {
            try adam.step([Tensor.doubles(1, 2).matmul(.zeros([5, 5]))], learningRate: 1)
        }
        let strided = Parameter("s", Tensor.counting([2, 3]).transposed(0, 1))
        #expect(throws: TorchError.self) {
            try Adam([strided]).step([.zeros([3, 2], .float64)], learningRate: 1)
        }
        try expect(p.tensor, [2], [1, 2])
        #expect(try adam.state("a").first { $0.name == "a.p.step" }?.tensor.item() == 0)
    }

    /// Threads that share the parameters change nothing.
    @Test func workersMakeTheSameStep() throws {
        let shapes = [[3, 4], [50], [], [2, 2, 3, 3, 3], [7]]
        func stepped(_ workers: WorkerPool?) throws -> [[Double]] {
            let parameters = shapes.enumerated().map {
                Parameter("p\($0)", Tensor.normal($1, seed: UInt64($0 + 1)))
            }
            let adam = Adam(parameters)
            for step in 0..<3 {
                let gradients = shapes.enumerated().map { k, shape in
                    k == 2 && step == 1 ? nil : Tensor.normal(shape, seed: UInt64(10 * step + k))
                }
                try adam.step(gradients, learningRate: 0.1, workers: workers)
            }
            return try parameters.map { try $0.tensor.doubles() }
        }
        let alone = try stepped(nil)
        #expect(try stepped(WorkerPool(count: 3)) == alone)
        #expect(try stepped(WorkerPool(count: 9)) == alone)
    }

    @Test func globalNormIsThatOfAllGradientsTogether() throws {
        #expect(try globalNorm([.doubles(3), nil, .doubles(0, 4)]).item() == 5)
        #expect(try globalNorm([nil]).item() == 0)
    }
}
